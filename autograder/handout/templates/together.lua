-- For the PDF: what belongs together stays on one page.
-- A line that is only emphasised introduces what follows ("File ...", "Read."), so no page ends with it, and a short list
-- below it is not divided. Neither is a table of few rows. A paragraph that ends with a
-- colon stays with the table, list, formula or code that follows.

local FEW, ROWS = 8, 12
local INTRODUCING = { ':$', '^같습니다%.$' } -- "as follows", in Korean with a full stop

local function only(block, kind)
  return block.t == 'Para' and #block.content == 1 and block.content[1].t == kind
end

local function held(options, blocks)
  local made = { pandoc.RawBlock('typst', '#block(' .. options .. ')[') }
  for _, block in ipairs(blocks) do table.insert(made, block) end
  table.insert(made, pandoc.RawBlock('typst', ']'))
  return made
end

local function short(block)
  return block and block.t == 'BulletList' and #block.content <= FEW
end

local function introduces(block, following)
  local last = block.t == 'Para' and block.content[#block.content]
  if not last or last.t ~= 'Str' or not following then return false end
  if not last.text:match(INTRODUCING[1]) and not last.text:match(INTRODUCING[2]) then return false end
  local listed = following.t == 'BulletList' or following.t == 'OrderedList'
  return listed or following.t == 'Table' or following.t == 'CodeBlock' or only(following, 'Math')
end

function Blocks(blocks)
  local made, at = {}, 1
  while at <= #blocks do
    local block, new = blocks[at], nil
    if only(block, 'Strong') and short(blocks[at + 1]) then
      new, at = held('breakable: false', { block, blocks[at + 1] }), at + 1
    elseif only(block, 'Strong') or only(block, 'Emph') then
      new = held('sticky: true', { block })
    elseif introduces(block, blocks[at + 1]) then
      new = held('sticky: true, width: 100%', { block })
    elseif block.t == 'Table' and #block.bodies[1].body <= ROWS then
      new = held('breakable: false, width: 100%', { block })
    end
    for _, one in ipairs(new or { block }) do table.insert(made, one) end
    at = at + 1
  end
  return pandoc.Blocks(made)
end
