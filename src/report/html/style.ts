// The style of the HTML report. Its hash stands in the page's own policy: nothing else may style it.

/** Light and dark by the reader's preference; colours meet WCAG AA on their grounds. */
export const STYLE = `
:root{color-scheme:light dark;
--bg:#fff;--soft:#f5f6f8;--line:#d5d9e0;--text:#1b1f26;--quiet:#566070;--link:#0b57b7;
--pass:#15692c;--fail:#b4161b;--warn:#8a5300;--err:#8a1f8f;--info:#0b5c8a;
--client:#0b57b7;--backend:#9a4b00;--decide:#fff4d6;--pending:#f3d9a8;--open:#b9e0c1;--busy:#efcfae;
--s1:#0b57b7;--s2:#15692c;--s3:#b4161b;--s4:#8a5300;--s5:#8a1f8f}
@media (prefers-color-scheme:dark){:root{
--bg:#14171c;--soft:#1d2128;--line:#39404b;--text:#e4e8ee;--quiet:#a4aebc;--link:#7db7ff;
--pass:#6fce86;--fail:#ff8a86;--warn:#f0b65c;--err:#e39be8;--info:#7cc7ef;
--client:#7db7ff;--backend:#f0a667;--decide:#3a3115;--pending:#6b4d14;--open:#245a33;--busy:#6a4222;
--s1:#7db7ff;--s2:#6fce86;--s3:#ff8a86;--s4:#f0b65c;--s5:#e39be8}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main,.banner,footer{max-width:1120px;margin:0 auto;padding:0 1.25rem}
code,pre{font:0.87em/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-999px;top:0;background:var(--bg);padding:.5rem 1rem}
.skip:focus{left:0}
.banner{padding-top:1.5rem;padding-bottom:1.25rem}
.banner h1{display:inline-block;margin:0;padding:.1rem .9rem;border-radius:6px;font-size:1.7rem;line-height:1.5;color:var(--bg);background:var(--err)}
.o-passed h1{background:var(--pass)}.o-failed h1{background:var(--fail)}.o-inconclusive h1{background:var(--warn)}
.sentence{margin:.6rem 0;font-size:1.15rem;overflow-wrap:anywhere}
.counts{display:flex;flex-wrap:wrap;gap:.4rem 1.4rem;margin:0;padding:0;list-style:none}
.counts a{text-decoration:none}.counts a:hover{text-decoration:underline}
h2{margin:2.2rem 0 .8rem;padding-bottom:.25rem;border-bottom:1px solid var(--line);font-size:1.25rem}
h3{margin:0;font-size:1.05rem;overflow-wrap:anywhere}
.sections{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin-top:.7rem;font-size:.9rem}
.badge{white-space:nowrap;font-weight:600;color:var(--quiet)}
.badge.v-passed{color:var(--pass)}.badge.v-failed,.badge.v-unlike-baseline{color:var(--fail)}.badge.v-warned{color:var(--warn)}
.badge.v-errored,.badge.v-inconclusive{color:var(--err)}.badge.v-recorded{color:var(--info)}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:.7rem 2rem;margin:0}
.facts .long{grid-column:1/-1}
.facts dt,.compare dt{color:var(--quiet);font-size:.8rem;font-weight:600}
.facts dd,.compare dd{margin:0;overflow-wrap:anywhere}
.insecure,.died{color:var(--warn);font-weight:600}
.plain{margin:0;padding:0;list-style:none}
.finding{margin:0 0 1rem;padding:.9rem 1.1rem;border:1px solid var(--line);border-left:5px solid var(--quiet);border-radius:6px}
.finding.v-failed,.finding.v-unlike-baseline{border-left-color:var(--fail)}.finding.v-warned{border-left-color:var(--warn)}
.finding.v-errored,.finding.v-inconclusive{border-left-color:var(--err)}
.finding:target,.case:target,tr:target{outline:3px solid var(--link)}
.ids{margin:.15rem 0 .6rem;color:var(--quiet)}
.ids code+code,.ids a+code{margin-left:.8rem}
.compare{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:.6rem 1rem;margin:.4rem 0}
.compare>div{padding:.45rem .7rem;border-radius:4px;background:var(--soft)}
.values{margin:.3rem 0 0;padding:0;list-style:none}
.citation{margin:.7rem 0}.citation p{margin:0}
.level{padding:0 .4rem;border:1px solid var(--quiet);border-radius:3px;font-size:.78rem;font-weight:600;text-transform:uppercase}
figure{margin:.4rem 0 .4rem .3rem;padding-left:.8rem;border-left:3px solid var(--line)}
blockquote{margin:0;font-style:italic;overflow-wrap:anywhere}
.note{margin:0;overflow-wrap:anywhere}
figcaption{font-size:.87rem;overflow-wrap:anywhere}
.note{color:var(--quiet);font-size:.87rem}
.rerun{margin:.6rem 0 0;padding:.4rem .7rem;border-radius:4px;background:var(--soft)}
.rerun span{margin-right:.6rem;color:var(--quiet);font-size:.8rem;font-weight:600}
.rerun code{user-select:all}
summary{cursor:pointer;overflow-wrap:anywhere}
.case{margin:.3rem 0;padding:.35rem .7rem;border:1px solid var(--line);border-radius:6px}
.case[open]{padding-bottom:.8rem}
.sources summary{color:var(--quiet);font-size:.87rem}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{color:var(--quiet);font-size:.8rem;white-space:nowrap}
#checks{font-size:.9rem}#checks td:nth-child(2){min-width:18rem}#checks td:nth-child(3){white-space:nowrap}#checks td:nth-child(4),#checks td:nth-child(5){min-width:12rem}
.records{font-size:.9rem}
.records td:first-child,.records td:nth-child(4){white-space:nowrap;text-align:right;font-variant-numeric:tabular-nums}
.records td:nth-child(2){white-space:nowrap}.records td:nth-child(3){width:75%}
.records .client td:nth-child(2){color:var(--client)}.records .backend td:nth-child(2){color:var(--backend);font-weight:600}
.records .driver td{color:var(--quiet)}
.records .deciding{background:var(--decide)}
.decided{white-space:nowrap;font-size:.8rem;color:var(--quiet)}
pre{max-height:20rem;margin:.25rem 0 0;padding:.35rem .6rem;overflow-y:auto;border-radius:4px;background:var(--soft);color:var(--text);white-space:pre-wrap}
.deciding pre{background:var(--bg)}
.chart{margin:.6rem 0;overflow-x:auto}
.chart svg{display:block;width:100%;min-width:44rem;height:auto}
.chart text{fill:var(--text);font:11px system-ui,sans-serif;paint-order:stroke;stroke:var(--bg);stroke-width:3px}
path.tick{stroke:var(--line)}.chart text.tick{fill:var(--quiet);text-anchor:middle}
path.lane{stroke:var(--quiet)}.chart text.lane{font-weight:600;font-size:12px}
.pending{fill:var(--pending)}.open{fill:var(--open)}.busy{fill:var(--busy)}
.chart text.word{font-size:10px;text-anchor:middle;stroke:none}
.chart text.value{fill:var(--quiet);text-anchor:end}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.s1{stroke:var(--s1)}.s2{stroke:var(--s2);stroke-dasharray:7 3}.s3{stroke:var(--s3);stroke-dasharray:2 3}.s4{stroke:var(--s4);stroke-dasharray:9 3 2 3}.s5{stroke:var(--s5);stroke-dasharray:4 4}
path.bound{stroke:var(--text);stroke-dasharray:1 5}.chart text.bound{text-anchor:end;font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;margin:.2rem 0 0;padding:0 0 0 4.4rem;list-style:none;font-size:.87rem}
.chart .legend svg{display:inline-block;width:28px;min-width:0;height:8px}
.facts+h3{margin-top:1.4rem}
.data{margin:.2rem 0 1.2rem}.data summary{color:var(--quiet);font-size:.87rem}.data .scroll{max-height:24rem;overflow:auto}
.numbers thead th:not(:first-child),.data thead th:not(:first-child){text-align:right}
.data td,.numbers td{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.leader{stroke:var(--quiet);stroke-width:.7}
circle{fill:var(--bg);stroke:var(--text);stroke-width:1.5}
circle.dot{fill:none;stroke-width:2;stroke-dasharray:none}
circle.strong{fill:var(--fail)}.chart text.strong{font-weight:700}
.controls{display:flex;flex-wrap:wrap;gap:.6rem 1.4rem;align-items:center;margin-bottom:.8rem;padding:.6rem .9rem;border-radius:6px;background:var(--soft)}
.controls[hidden]{display:none}
.controls fieldset{display:flex;flex-wrap:wrap;gap:.2rem .9rem;margin:0;padding:0;border:0}
.controls legend{float:left;margin-right:.9rem;padding:0;color:var(--quiet)}
.controls input[type=search]{padding:.25rem .5rem;border:1px solid var(--quiet);border-radius:4px;background:var(--bg);color:var(--text);font:inherit}
footer{margin-top:2.5rem;padding-top:.8rem;padding-bottom:2rem;border-top:1px solid var(--line);color:var(--quiet);font-size:.87rem}
@media print{body{font-size:11px}.controls,.skip{display:none}.finding,tr{break-inside:avoid}.scroll,.chart{overflow:visible}
pre{max-height:none}main,.banner,footer{max-width:none;padding-left:0;padding-right:0}.banner h1{border:2px solid;color:var(--text);background:none}}
`;
