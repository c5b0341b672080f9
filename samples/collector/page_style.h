// The style of the results page: what all of it shares, and what is for people and campaigns.
#pragma once

namespace guidon::collector {

inline constexpr char kPageStyle[] = R"css(
:root{color-scheme:light dark;--paper:#f6f6f3;--card:#fff;--ink:#1d2433;--soft:#5d6678;--line:#e3e4e0;--track:#eceeec;
--accent:#1f5fbf;--accent-bar:#a9c4ea;--calm:#7d8798;--calm-bar:#cdd2da;--good:#23784b;--good-paper:#e8f3ec;
--bad:#b3261e;--bad-paper:#fcebe9;--chip:#eef0f4;--warn:#c07f10}
@media(prefers-color-scheme:dark){:root{--paper:#12151b;--card:#1a1f28;--ink:#e6e9ef;--soft:#9aa4b5;--line:#2b323e;
--track:#262d38;--accent:#7db0ff;--accent-bar:#37598a;--calm:#9aa5b6;--calm-bar:#465062;--good:#7ccf9f;
--good-paper:#18291f;--bad:#ff9d95;--bad-paper:#3a1d1c;
--chip:#262d38;--warn:#e0b458}}
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
h2{font-size:1.35rem;margin:48px 0 2px;font-weight:650;letter-spacing:-.01em;scroll-margin-top:8px}
.step{display:block;color:var(--accent);font-size:.8125rem;font-weight:650;letter-spacing:.04em;line-height:1.6}
.lead{max-width:72ch;margin-bottom:14px;font-size:.9375rem}
.loop{display:flex;flex-wrap:wrap;gap:6px;margin-top:16px;font-size:.875rem}
.loop a{color:var(--accent);text-decoration:none;padding:3px 12px;border:1px solid var(--line);border-radius:99px;
background:var(--card)}
.loop a:hover,.loop a:focus-visible{border-color:var(--accent)}
.sum{margin-bottom:12px;font-size:.9375rem}
.after{margin-top:12px}
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
.chip.off{background:var(--bad-paper);color:var(--bad)}.goalhead .chip{margin-left:6px;font-weight:550}
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
.split.warn{color:var(--ink)}.split.warn i{background:var(--warn)}
.split+.split{margin-top:4px}
.split{padding-left:15px;text-indent:-15px}
.state{margin-top:12px;font-size:.9375rem}.state b{font-weight:600}
.audiences{margin-top:18px;table-layout:auto}.audiences th:first-child,.audiences td:first-child{width:auto}
.audiences td,.audiences thead th{white-space:nowrap}.audiences tbody th{min-width:104px;overflow-wrap:break-word}
.wrong{color:var(--bad);font-weight:600}
.arm.part{padding:7px 0}.arm.part .name{font-weight:400;padding-left:14px;border-left:2px solid var(--line)}
.arm.part .rate{font-size:1rem}
.goal{margin-top:24px;border-top:1px solid var(--line);padding-top:18px}
.goalhead{display:flex;flex-wrap:wrap;gap:2px 10px;align-items:baseline;justify-content:space-between;margin-bottom:4px}
.arm{display:grid;grid-template-columns:minmax(110px,1.1fr) 92px minmax(150px,1.2fr) minmax(240px,2.6fr);gap:2px 18px;
align-items:center;padding:10px 0}
.arm+.arm{border-top:1px dashed var(--line)}
.arm .name{font-weight:550}
.arm .rate{font-size:1.3rem;font-weight:600;letter-spacing:-.01em;text-align:right;white-space:nowrap}
.arm .text{grid-column:1/-1;font-size:.9375rem;margin-top:6px}
.arm .count span,.arm .name span{display:block}
.arm .name span{font-weight:400}
.arm.higher .text,.arm.lower .text{font-weight:550}
.goal>.text{margin:2px 0 10px;font-size:1.0625rem}
.goal.higher>.text,.goal.lower>.text{font-weight:600}
.plot{display:block;width:100%;height:auto;overflow:visible}
.plot .track{stroke:var(--track);stroke-width:2}
.plot .zero{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 2}
.plot .bar{fill:var(--calm-bar)}
.plot .dot{fill:var(--calm);stroke:var(--card);stroke-width:2}
.goal.broken>.text,.arm.broken .text{font-weight:600;color:var(--bad)}
.broken .dot{fill:var(--bad)}
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

inline constexpr char kPeopleStyle[] = R"css(
:root{--new:#2f8f6b;--back:#d09a2c}
@media(prefers-color-scheme:dark){:root{--new:#5fc39b;--back:#e0b458}}
.meter{display:block;width:100%;height:10px;border-radius:5px;overflow:hidden}
.meter .rail{fill:var(--track)}
.meter.main .fill{fill:var(--accent)}.meter.calm .fill{fill:var(--calm)}.meter.bad .fill{fill:var(--bad)}
.features th:first-child{width:34%}.features td.wide{width:34%;vertical-align:middle}
.features .chip{margin-left:4px}
.segment{margin-top:26px}
.scroll{overflow-x:auto;margin:0 -24px;padding:0 24px}
.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:-2px}
.heat{table-layout:auto;border-collapse:separate;border-spacing:3px;margin-top:6px}
.heat th,.heat td{border:0;padding:5px 10px;text-align:center;border-radius:6px;white-space:nowrap}
.heat th:first-child{text-align:left;padding-left:0;width:22%}
.heat thead th{color:var(--ink);font-weight:550;vertical-align:bottom}
.heat span{display:block;font-size:.75rem;color:var(--soft);font-weight:400}
.heat td b{font-weight:600}.heat tbody th{vertical-align:middle}
.h0{background:color-mix(in srgb,var(--accent) 3%,transparent)}.h1{background:color-mix(in srgb,var(--accent) 8%,transparent)}
.h2{background:color-mix(in srgb,var(--accent) 12%,transparent)}.h3{background:color-mix(in srgb,var(--accent) 16%,transparent)}
.h4{background:color-mix(in srgb,var(--accent) 20%,transparent)}.h5{background:color-mix(in srgb,var(--accent) 24%,transparent)}
.h6{background:color-mix(in srgb,var(--accent) 28%,transparent)}.h7{background:color-mix(in srgb,var(--accent) 32%,transparent)}
.h8{background:color-mix(in srgb,var(--accent) 36%,transparent)}.h9{background:color-mix(in srgb,var(--accent) 40%,transparent)}
.weeks{display:flex;gap:8px;margin-top:18px;max-width:720px}
.week{flex:1;min-width:0;max-width:96px;text-align:center;font-size:.75rem;color:var(--soft)}
.week span,.week b{display:block;white-space:nowrap}
.week b{color:var(--ink);font-weight:550}
.week svg{display:block;width:100%;height:120px}
.pair{display:grid;grid-template-columns:3fr 1fr;gap:2px;border-bottom:1px solid var(--calm);margin-bottom:3px}
.spark{max-width:none;gap:5px}.spark svg{height:44px;border-bottom:1px solid var(--calm);margin-bottom:3px}
rect.active{fill:var(--accent)}rect.new{fill:var(--new)}rect.back{fill:var(--back)}rect.lapsed{fill:var(--calm-bar)}
.legend{color:var(--soft);margin-top:8px}
.legend i{display:inline-block;width:10px;height:10px;border-radius:3px;margin:0 6px 0 14px}
.legend i:first-child{margin-left:0}
i.active{background:var(--accent)}i.new{background:var(--new)}i.back{background:var(--back)}i.lapsed{background:var(--calm-bar)}
.life th:first-child,.life td:first-child{width:28%}
.funnel{margin-top:14px;display:grid;gap:7px}
.funnelrow{display:grid;grid-template-columns:160px minmax(80px,1fr) 64px 92px;gap:4px 14px;align-items:center;
font-size:.9375rem}
.funnelrow b{text-align:right;font-weight:600;white-space:nowrap}
.funnelrow .small{white-space:nowrap}
.compared{display:grid;grid-template-columns:minmax(0,1.35fr) minmax(0,1fr);gap:8px 28px;align-items:center}
.compared .funnel{margin-top:0}.compared .funnelrow{grid-template-columns:64px minmax(60px,1fr) 64px 104px}
.higher .plot .bar,.lower .plot .bar{fill:var(--accent-bar)}
.higher .plot .dot,.lower .plot .dot{fill:var(--accent)}
.quote{margin:10px 0 0;padding-left:12px;border-left:2px solid var(--line);font-size:.9375rem;white-space:pre-line}
.quote span{display:block}
.kpis{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:18px;margin-bottom:18px}
.kpis .card{margin:0;min-width:0}
.kpi::first-letter{text-transform:uppercase}
.big{font-size:2rem;line-height:1.2;font-weight:650;letter-spacing:-.02em;margin-top:8px}
.values .funnelrow{grid-template-columns:minmax(56px,max-content) 1fr 56px}
.qa{table-layout:auto}
.qa th,.qa td{text-align:left;vertical-align:top;white-space:normal}
.qa th:first-child{width:26%}
.qa th:last-child,.qa td:last-child{text-align:right}
.flags th,.flags td{vertical-align:top}
.flags th:first-child{width:28%;padding-right:8px}
.flags td:first-child{padding-left:16px;width:auto}
.flags .got{text-align:left;white-space:normal;width:27%}
.flags .got .chip{margin-left:4px}
.flags .wide{width:15%}.flags .meter{margin-top:7px}
.flags .share{display:inline-block;width:66px}
.flags .said{text-align:left;white-space:normal}
.flags .split{margin-top:0}
.flags tbody tr+tr td{border-top:0;padding-top:1px}
.line{display:block;font-weight:400;font-size:.875rem}
.line b{font-weight:550}
@media(max-width:700px){h2{margin-top:38px}.scroll{margin:0 -16px;padding:0 16px}.wide{display:none}
.compared{grid-template-columns:1fr}.funnelrow{grid-template-columns:112px minmax(40px,1fr) 48px 54px;gap:4px 8px}
.compared .funnelrow{grid-template-columns:68px minmax(40px,1fr) 56px 86px}
.weeks{gap:4px}.week{font-size:.6875rem}.spark .week b{font-size:.625rem}.life th,.life td{padding-left:6px;font-size:.8125rem}
.heat tbody th{white-space:normal}.qa{min-width:560px}.flags td:first-child{padding-left:10px}.flags .share{display:none}.flags .got .chip{margin-left:0}.big{font-size:1.75rem}}
)css";

}  // namespace guidon::collector
