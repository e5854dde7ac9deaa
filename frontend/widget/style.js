// The card's own sheet. It lives in the shadow root as a constructed sheet, which no policy of the page refuses.

export const style = `
:host { all: initial; position: fixed; z-index: 2147483000; right: 20px; bottom: 20px; width: min(380px, calc(100vw - 40px));
  --paper: #fff; --line: #dcd8ce; --ink: #1d2225; --ink-2: #50585b; --ink-3: #616869; --accent: #0f6570; --wash: #e4f0f0; --on: #fff;
  color-scheme: light; }
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) {
  --paper: #1a1f22; --line: #353d42; --ink: #e3e7e6; --ink-2: #abb4b6; --ink-3: #8b9598; --accent: #5ab6be; --wash: #15302f; --on: #06292d;
  color-scheme: dark; } }
:host([theme="dark"]) {
  --paper: #1a1f22; --line: #353d42; --ink: #e3e7e6; --ink-2: #abb4b6; --ink-3: #8b9598; --accent: #5ab6be; --wash: #15302f; --on: #06292d;
  color-scheme: dark; }
* { box-sizing: border-box; }
.card { max-height: calc(100vh - 40px); max-height: calc(100dvh - 40px); padding: 14px 18px 12px; overflow: auto;
  border: 1px solid var(--line); border-radius: 16px; background: var(--paper); color: var(--ink);
  box-shadow: 0 1px 2px rgb(38 34 22 / 8%), 0 12px 36px rgb(38 34 22 / 16%);
  font: 400 16px/1.5 -apple-system, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", system-ui, sans-serif;
  font-variant-numeric: tabular-nums; line-break: strict; overflow-wrap: anywhere; }
header { display: flex; align-items: center; gap: 8px; min-height: 44px; margin: -6px -10px 0 0; color: var(--ink-2); font-size: 14px; }
header b { flex: 1; color: var(--ink); font-weight: 600; }
p, h2 { margin: 0; }
h2 { font-size: 18px; font-weight: 600; line-height: 1.45; text-wrap: balance; outline: 0; }
.about, .hint, .ends { color: var(--ink-3); font-size: 14px; }
.about { margin-bottom: 4px; }
.hint { margin-top: 4px; }
button, a.go { font: inherit; color: inherit; cursor: pointer; touch-action: manipulation; -webkit-tap-highlight-color: transparent; }
.close { width: 44px; height: 44px; border: 0; border-radius: 10px; background: none; color: var(--ink-2); font-size: 18px; }
.choices { display: grid; gap: 8px; margin: 16px 0 10px; }
.choices button, .choices label { display: flex; align-items: center; gap: 12px; min-height: 48px; padding: 6px 14px;
  border: 1.5px solid var(--line); border-radius: 12px; background: var(--paper); text-align: left; }
.choices button:hover, .choices label:hover, .choices :checked { border-color: var(--accent); }
.choices button:active, .choices label:has(:checked) { border-color: var(--accent); background: var(--wash); }
.grid { gap: 6px; }
.grid button { justify-content: center; padding: 0; font-weight: 600; }
.six { grid-template-columns: repeat(6, 1fr); }
.seven { grid-template-columns: repeat(7, 1fr); }
.five { grid-template-columns: repeat(5, 1fr); }
.bars { display: flex; gap: 3px; }
.bars i { width: 6px; height: 18px; border-radius: 2px; background: var(--line); }
.bars .on { background: var(--accent); }
.ends { display: flex; justify-content: space-between; gap: 16px; margin: -2px 0 8px; }
input { width: 20px; height: 20px; margin: 0; accent-color: var(--accent); }
textarea { display: block; width: 100%; min-height: 88px; margin: 14px 0 10px; padding: 10px 12px; border: 1.5px solid var(--ink-3);
  border-radius: 12px; background: var(--paper); color: var(--ink); font: inherit; resize: vertical; }
.go { display: flex; align-items: center; justify-content: center; width: 100%; min-height: 48px; margin-top: 12px; border: 0; border-radius: 12px;
  background: var(--accent); color: var(--on); font-weight: 600; text-decoration: none; }
a.go { color: var(--on); }
.error { margin-top: 10px; padding: 8px 12px; border-left: 3px solid var(--accent); border-radius: 4px; background: var(--wash); }
footer { display: flex; justify-content: space-between; gap: 12px; margin-top: 4px; font-size: 14px; }
footer button { min-height: 44px; padding: 0; border: 0; background: none; color: var(--ink-2); text-align: left; text-decoration: underline;
  text-decoration-color: var(--line); text-underline-offset: 4px; }
a { color: inherit; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
h2:focus-visible { outline: 0; }
.said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
[aria-busy="true"] .choices, [aria-busy="true"] .go { opacity: .55; }
@media (max-width: 480px) { :host { right: 0; bottom: 0; width: 100vw; }
  .card { max-height: 88vh; max-height: 88dvh; padding-bottom: calc(12px + env(safe-area-inset-bottom)); border-width: 1px 0 0; border-radius: 16px 16px 0 0; } }
@media (prefers-reduced-motion: no-preference) { .card { animation: in .22s ease-out; } @keyframes in { from { transform: translateY(14px); opacity: 0; } } }
`;
