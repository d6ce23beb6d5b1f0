/** A module of the built server: what is measured is what runs, not sources that a loader has rewritten. */
export const built = <Module>(path: string): Promise<Module> =>
  import(new URL(`../../dist/src/${path}.js`, import.meta.url).href) as Promise<Module>;
