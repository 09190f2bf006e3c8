-- A `::: traps` block holds a title, `**Common misunderstandings.**`, and a list. Students are to meet a trap before they read
-- its name: on the web the block is folded, in the PDF it moves to the end, and a link stays.

local function title(block)
  return block.content[1].content
end

local function without_stop(inlines)
  return (pandoc.utils.stringify(inlines):gsub('[.:]$', ''))
end

local function rest(block)
  local blocks = block.content:clone()
  blocks:remove(1)
  return blocks
end

local function is_traps(block)
  return block.t == 'Div' and block.classes:includes('traps')
end

local function folded(block)
  local blocks = pandoc.Blocks({
    pandoc.RawBlock('html', '<details>\n<summary>'), pandoc.Plain({ pandoc.Str(without_stop(title(block))) }),
    pandoc.RawBlock('html', '</summary>'),
  })
  blocks:extend(rest(block))
  blocks:insert(pandoc.RawBlock('html', '</details>'))
  return blocks
end

local function moved(document)
  local kept, last, heading = pandoc.Blocks({}), pandoc.Blocks({}), nil
  for _, block in ipairs(document.blocks) do
    if block.t == 'Header' and block.level == 2 then
      heading = block
    end
    if is_traps(block) then
      local name, id = without_stop(title(block)), 'traps-' .. heading.identifier
      if #last == 0 then
        last:insert(pandoc.Header(2, name, { id = 'traps' }))
      end
      last:insert(pandoc.Header(3, heading.content, { id = id }))
      last:extend(rest(block))
      kept:insert(pandoc.Para({ pandoc.Strong({ pandoc.Link(name, '#' .. id) }) }))
    else
      kept:insert(block)
    end
  end
  kept:extend(last)
  document.blocks = kept
  return document
end

if FORMAT:match('html') then
  return { { Div = function(block) return is_traps(block) and folded(block) or nil end } }
end
return { { Pandoc = moved } }
