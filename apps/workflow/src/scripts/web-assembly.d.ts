/** What the types of Node leave out. */
declare namespace WebAssembly {
  class Module {
    private readonly compiled;
  }
  class Memory {
    constructor(pages: { readonly initial: number; readonly maximum: number });
    readonly buffer: ArrayBuffer;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
