// A repro (.labkit) that is double-clicked opens in a notebook beside it, which is made from notebook.json.
//
// This is all of the extension, written as JupyterLab loads it: a container of one module, which takes the classes
// that it needs from those that JupyterLab shares. `labkit lab` and `labkit open` name its folder to JupyterLab.
(() => {
  const folder = new URL(".", document.currentScript.src);
  let shared;

  async function jupyterlab(name) {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  }

  async function isThere(contents, path) {
    const end = path.lastIndexOf("/");
    const folder = await contents.get(end < 0 ? "" : path.slice(0, end));
    return folder.content.some((item) => item.name === path.slice(end + 1));
  }

  async function notebookFor(name) {
    const answer = await fetch(new URL("notebook.json", folder));
    const book = await answer.json();
    const title = name.replace(/\.labkit$/, "").replace(/[<>`\\]/g, " ");
    for (const cell of book.cells) {
      cell.source = cell.source.map((line) =>
        line.replaceAll("@TITLE@", () => title).replaceAll("@FILE@", () => JSON.stringify(name)),
      );
    }
    return book;
  }

  async function openNotebook(app, path) {
    const { contents } = app.serviceManager;
    const notebook = path.replace(/\.labkit$/, ".ipynb");
    if (!(await isThere(contents, notebook))) {
      const content = await notebookFor(path.split("/").pop().split(":").pop());
      await contents.save(notebook, { type: "notebook", format: "json", content });
    }
    await app.commands.execute("docmanager:open", { path: notebook, factory: "Notebook" });
  }

  async function activate(app) {
    const { ABCWidgetFactory, DocumentWidget } = await jupyterlab("@jupyterlab/docregistry");
    const { Widget } = await jupyterlab("@lumino/widgets");

    class ReproFactory extends ABCWidgetFactory {
      createNewWidget(context) {
        const content = new Widget();
        content.node.textContent = "Making a notebook for this repro …";
        const widget = new DocumentWidget({ content, context });
        context.ready
          .then(() => openNotebook(app, context.path))
          .then(
            () => widget.dispose(),
            (error) => {
              content.node.textContent = `No notebook could be made for this repro: ${error.message}`;
            },
          );
        return widget;
      }
    }

    app.docRegistry.addFileType({
      name: "labkit-repro",
      displayName: "labkit repro",
      extensions: [".labkit"],
      mimeTypes: ["application/zip"],
      contentType: "file",
      fileFormat: "base64",
    });
    app.docRegistry.addWidgetFactory(
      new ReproFactory({
        name: "labkit repro",
        modelName: "base64",
        fileTypes: ["labkit-repro"],
        defaultFor: ["labkit-repro"],
        readOnly: true,
      }),
    );
  }

  const plugin = { id: "labkit:repros", description: "Opens repros in notebooks.", autoStart: true, activate };
  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB.labkit = {
    init(scope) {
      shared = scope;
    },
    async get() {
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
