-- A `::: later` block begins with a title, `**Common misunderstandings.**`. It names what students are to meet or to guess
-- before they read it: on the web the block is folded, in the PDF it moves to the end, and a link with the page stays.

local function title(block)
  return (pandoc.utils.stringify(block.content[1]):gsub('[.:]$', ''))
end

local function rest(block)
  local blocks = block.content:clone()
  blocks:remove(1)
  return blocks
end

local function is_later(block)
  return block.t == 'Div' and block.classes:includes('later')
end

local function folded(block)
  local blocks = pandoc.Blocks({
    pandoc.RawBlock('html', '<details>\n<summary>'), pandoc.Plain({ pandoc.Str(title(block)) }),
    pandoc.RawBlock('html', '</summary>'),
  })
  blocks:extend(rest(block))
  blocks:insert(pandoc.RawBlock('html', '</details>'))
  return blocks
end

local function moved(document)
  local kept, titles, parts, heading = pandoc.Blocks({}), pandoc.List({}), {}, nil
  for _, block in ipairs(document.blocks) do
    if block.t == 'Header' and block.level == 2 then
      heading = block
    end
    if is_later(block) then
      local name = title(block)
      if not parts[name] then
        titles:insert(name)
        parts[name] = pandoc.Blocks({ pandoc.Header(2, name, { id = 'later-' .. #titles }) })
      end
      local id = parts[name][1].identifier .. '-' .. heading.identifier
      parts[name]:insert(pandoc.Header(3, heading.content, { id = id }))
      parts[name]:extend(rest(block))
      local page = pandoc.RawInline('typst', ' → p.~#context counter(page).at(<' .. id .. '>).first()')
      kept:insert(pandoc.Para({ pandoc.Strong({ pandoc.Link({ pandoc.Str(name), page }, '#' .. id) }) }))
    else
      kept:insert(block)
    end
  end
  for _, name in ipairs(titles) do
    kept:extend(parts[name])
  end
  document.blocks = kept
  return document
end

if FORMAT:match('html') then
  return { { Div = function(block) return is_later(block) and folded(block) or nil end } }
end
return { { Pandoc = moved } }
