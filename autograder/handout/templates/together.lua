-- For the PDF: a line that is only emphasised introduces what follows ("File ...", "Read."), so no page ends with it.

function Para(paragraph)
  local only = #paragraph.content == 1 and paragraph.content[1].t
  if only == 'Emph' or only == 'Strong' then
    return { pandoc.RawBlock('typst', '#block(sticky: true)['), paragraph, pandoc.RawBlock('typst', ']') }
  end
end
