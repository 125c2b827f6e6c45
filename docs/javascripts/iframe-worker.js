/* A page that is opened as a file may start no worker, and the search of the site is one. Here it gets a hidden frame in
   its place, which runs the same script and talks in the same way. On a server the browser's own workers are used. */
(() => {
  if (location.protocol !== "file:") return;

  class FrameWorker extends EventTarget {
    constructor(script) {
      super();
      this.waiting = [];
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "search";
      frame.onload = () => this.begin(frame, String(script));
      document.body.append(frame);
    }

    begin(frame, script) {
      frame.onload = null;
      const inside = frame.contentWindow;
      inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      const element = frame.contentDocument.createElement("script");
      element.src = script;
      element.onload = () => {
        const waiting = this.waiting;
        this.waiting = null;
        this.inside = inside;
        waiting.forEach((data) => this.postMessage(data));
      };
      frame.contentDocument.head.append(element);
    }

    postMessage(data) {
      if (this.waiting) this.waiting.push(data);
      else this.inside.dispatchEvent(new this.inside.MessageEvent("message", { data }));
    }

    terminate() {}
  }

  window.Worker = FrameWorker;
})();
