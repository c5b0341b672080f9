// The style of the results page.
#pragma once

namespace guidon::collector {

inline constexpr char kPageStyle[] = R"css(
:root{color-scheme:light dark;--paper:#f6f6f3;--card:#fff;--ink:#1d2433;--soft:#5d6678;--line:#e3e4e0;--track:#eceeec;
--accent:#1f5fbf;--accent-bar:#a9c4ea;--calm:#7d8798;--calm-bar:#cdd2da;--good:#23784b;--good-paper:#e8f3ec;
--bad:#b3261e;--bad-paper:#fcebe9;--chip:#eef0f4}
@media(prefers-color-scheme:dark){:root{--paper:#12151b;--card:#1a1f28;--ink:#e6e9ef;--soft:#9aa4b5;--line:#2b323e;
--track:#262d38;--accent:#7db0ff;--accent-bar:#37598a;--calm:#9aa5b6;--calm-bar:#465062;--good:#7ccf9f;
--good-paper:#18291f;--bad:#ff9d95;--bad-paper:#3a1d1c;
--chip:#262d38}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main,.top,footer{max-width:1040px;margin:0 auto;padding:0 20px}
.top{padding-top:36px;padding-bottom:8px}
.brand{display:flex;align-items:center;gap:9px;color:var(--soft);font-size:.9rem;letter-spacing:.01em}
.brand svg{width:20px;height:20px;fill:var(--accent)}
h1{font-size:1.7rem;line-height:1.2;margin:6px 0 4px;font-weight:650;letter-spacing:-.012em}
h2{font-size:1.05rem;margin:36px 0 12px;font-weight:650}
h3{font-size:1.2rem;margin:0;font-weight:650;letter-spacing:-.005em}
h4{font-size:1rem;margin:0;font-weight:600}
p{margin:0}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-top:22px}
.tile,.card{background:var(--card);border:1px solid var(--line);border-radius:12px}
.tile{padding:12px 16px}
.tile b{display:block;font-size:1.45rem;line-height:1.25;font-weight:600;letter-spacing:-.01em}
.tile span{color:var(--soft);font-size:.875rem}
.card{padding:22px 24px;margin-bottom:18px}
.head{display:flex;flex-wrap:wrap;gap:6px 10px;align-items:center}
.chip{background:var(--chip);color:var(--soft);border-radius:99px;padding:1px 10px;font-size:.8125rem;
white-space:nowrap}
.chip.on{background:var(--good-paper);color:var(--good)}
.alarm{background:var(--bad-paper);color:var(--bad);border-radius:8px;padding:10px 14px;margin-top:14px;font-weight:550}
table{border-collapse:collapse;width:100%;table-layout:fixed;margin-top:14px;font-size:.9375rem}
th,td{text-align:right;padding:7px 0 7px 16px;border-top:1px solid var(--line);font-weight:400;vertical-align:baseline}
th:first-child,td:first-child{text-align:left;padding-left:0;width:46%}
td+td,th+th{white-space:nowrap}
tbody th{font-weight:550}
tbody th .small{font-weight:400}
.card>table:first-child{margin-top:0}
.ids td:first-child{font-size:.8125rem}.ids th:first-child{width:66%}
thead th{color:var(--soft);font-size:.8125rem;border-top:0;padding-top:0;padding-bottom:5px}
.split{margin-top:10px;font-size:.875rem;color:var(--soft)}
.split i{display:inline-block;width:8px;height:8px;border-radius:50%;background:var(--calm);margin-right:7px}
.split.good i{background:var(--good)}
.goal{margin-top:24px;border-top:1px solid var(--line);padding-top:18px}
.goalhead{display:flex;flex-wrap:wrap;gap:2px 10px;align-items:baseline;justify-content:space-between;margin-bottom:4px}
.arm{display:grid;grid-template-columns:minmax(110px,1.1fr) 92px minmax(150px,1.2fr) minmax(240px,2.6fr);gap:2px 18px;
align-items:center;padding:10px 0}
.arm+.arm{border-top:1px dashed var(--line)}
.arm .name{font-weight:550}
.arm .rate{font-size:1.3rem;font-weight:600;letter-spacing:-.01em;text-align:right;white-space:nowrap}
.arm .text{grid-column:1/-1;font-size:.9375rem;margin-top:6px}
.arm .count span{display:block}
.arm.higher .text,.arm.lower .text{font-weight:550}
.plot{display:block;width:100%;height:auto;overflow:visible}
.plot .track{stroke:var(--track);stroke-width:2}
.plot .zero{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 2}
.plot .bar{fill:var(--calm-bar)}
.plot .dot{fill:var(--calm);stroke:var(--card);stroke-width:2}
.higher .bar,.lower .bar{fill:var(--accent-bar)}
.higher .dot,.lower .dot{fill:var(--accent)}
.axis{display:flex;justify-content:space-between;font-size:.75rem;color:var(--soft);line-height:1.2}
.axis span{flex:1}.axis span:nth-child(2){text-align:center}.axis span:last-child{text-align:right}
.columns{columns:2 400px;column-gap:18px}
.columns .card{break-inside:avoid}
.columns .card p{margin-top:6px}
footer{padding-top:14px;padding-bottom:48px;color:var(--soft);font-size:.875rem}
footer p{max-width:76ch;margin-top:8px}
@media(max-width:700px){body{font-size:15px}main,.top,footer{padding-left:14px;padding-right:14px}.top{padding-top:22px}
.card{padding:16px}.arm{grid-template-columns:1fr auto;padding:12px 0}.arm .plotbox,.arm .count{grid-column:1/-1}
.arm .count span{display:inline;margin-right:14px}table{table-layout:auto}th,td{padding-left:10px}
th:first-child,td:first-child{width:auto}.tiles{grid-template-columns:1fr 1fr;gap:8px}
.tile:last-child{grid-column:1/-1}}
@media print{body{background:#fff}.card,.tile{break-inside:avoid}}
)css";

}  // namespace guidon::collector
