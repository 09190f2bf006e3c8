-- For the PDF: every formula says its TeX to who cannot see it. Pandoc's Typst writer gives formulas no alternative text.

local spaces = { '\\[,;:! ]', '\\q?quad%f[%A]', '\\bigl', '\\bigr', '\\Bigl', '\\Bigr', '\\left%f[%A]', '\\right%f[%A]' }

local function spoken(tex)
  for _, space in ipairs(spaces) do
    tex = tex:gsub(space, ' ')
  end
  return (tex:gsub('%s+', ' '):gsub('^ ', ''):gsub(' $', ''))
end

local function quoted(text)
  return '"' .. text:gsub('[\\"]', '\\%0') .. '"'
end

function Math(formula)
  local typst = pandoc.write(pandoc.Pandoc({ pandoc.Plain({ formula }) }), 'typst'):gsub('%s+$', '')
  return pandoc.RawInline('typst', '#math.equation(block: ' .. tostring(formula.mathtype == 'DisplayMath')
    .. ', alt: ' .. quoted(spoken(formula.text)) .. ', ' .. typst .. '.body)')
end
