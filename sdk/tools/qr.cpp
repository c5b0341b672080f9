#include "sdk/tools/qr.h"

#ifdef GUIDON_HAS_QR
#include <qrencode.h>

#include <memory>
#endif

namespace guidon::tools {

#ifdef GUIDON_HAS_QR

std::optional<std::string> DrawQr(std::string_view text) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeData(static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0,
                        QR_ECLEVEL_L),
      QRcode_free);
  if (code == nullptr) return std::nullopt;
  constexpr int kQuiet = 4;  // modules around it, as readers ask for
  const auto is_dark = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= code->width || y >= code->width) return false;
    return (code->data[y * code->width + x] & 1) != 0;
  };
  // Black on white by the terminal's own means, so that readers see it on any theme.
  std::string out;
  for (int y = -kQuiet; y < code->width + kQuiet; y += 2) {
    out += "\x1b[30;47m";
    for (int x = -kQuiet; x < code->width + kQuiet; ++x) {
      const bool upper = is_dark(x, y);
      const bool lower = is_dark(x, y + 1);
      out += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
    }
    out += "\x1b[0m\n";
  }
  return out;
}

std::string WhyNoQr() { return std::string(); }

#else

std::optional<std::string> DrawQr(std::string_view) { return std::nullopt; }

std::string WhyNoQr() { return "this guidon was built without libqrencode"; }

#endif

}  // namespace guidon::tools
