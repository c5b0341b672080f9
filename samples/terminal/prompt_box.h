// Draws what is to catch a person's eye: a tooltip beside what it points at, a banner across the top, a box over the
// screen. Texts come from a datafile, so they are cleaned and cut like any other text from outside.
#pragma once

#include <vector>

#include "samples/terminal/canvas.h"
#include "samples/terminal/view.h"

namespace notes {

// Rows for the frame: the anchor, a pointer, and the box beside it. The box's top stands one row above the anchor.
std::vector<Line> TooltipRows(const PromptView& prompt, const Span& anchor, const Canvas& canvas);

// Rows for the frame, to stand right below its top.
std::vector<Line> BannerRows(const PromptView& prompt, const Canvas& canvas);

// A box for Canvas::Lay, of `*columns`.
std::vector<Line> ModalBox(const PromptView& prompt, const Canvas& canvas, std::size_t* columns);

// One line without any drawing, for scripts and for those who have the screen read to them.
std::string PromptLine(const PromptView& prompt);

}  // namespace notes
