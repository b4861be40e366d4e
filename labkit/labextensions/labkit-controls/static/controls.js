// Makes dropdowns and sliders in outputs usable without a mouse and without seeing them, and links in texts be seen.
//
// JupyterLab takes the arrow keys from them, and every letter that is a command of its own: ArrowDown leaves for the
// next cell, and no other choice can be made by keyboard. And a slider of ipywidgets 8.1 tells a screen reader neither
// its label nor what it shows, only the number of its position. Links in texts differ by their colour alone.
(() => {
  const KEYS = ".jp-OutputArea-output :is(select, [role=slider])";
  const LINKS = ".jp-RenderedMarkdown a:not(.jp-InternalAnchorLink) { text-decoration: underline }";
  const SLIDER = ".widget-slider";

  function keepKeys({ target }) {
    const control = target.closest?.(KEYS);
    if (control) control.dataset.lmSuppressShortcuts = "true";
  }

  function name(slider) {
    const handle = slider.querySelector("[role=slider]");
    const label = slider.querySelector(".widget-label");
    const readout = slider.querySelector(".widget-readout");
    if (!handle) return;
    const told = { "aria-label": label?.textContent, "aria-valuetext": readout?.textContent };
    for (const [attribute, text] of Object.entries(told)) {
      // Setting what is there already would be heard of as a change, for ever.
      if (text && handle.getAttribute(attribute) !== text) handle.setAttribute(attribute, text);
    }
  }

  function watch(slider) {
    const changes = { subtree: true, childList: true, characterData: true, attributeFilter: ["aria-valuetext"] };
    new MutationObserver(() => name(slider)).observe(slider, changes);
    name(slider);
  }

  function activate() {
    document.head.append(Object.assign(document.createElement("style"), { textContent: LINKS }));
    document.addEventListener("focusin", keepKeys);
    new MutationObserver((changes) => {
      const added = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.querySelectorAll);
      const sliders = added.flatMap((node) => [node, ...node.querySelectorAll(SLIDER)]);
      new Set(sliders.filter((node) => node.matches(SLIDER))).forEach(watch);
    }).observe(document.body, { subtree: true, childList: true });
  }

  const plugin = { id: "labkit:controls", description: "Controls in outputs.", autoStart: true, activate };
  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB["labkit-controls"] = {
    init() {},
    async get() {
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
