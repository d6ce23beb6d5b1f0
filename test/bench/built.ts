/** A module of the server, compiled and not bundled: the bundle has no modules to take one part from, and a loader would rewrite the sources. */
export const built = <Module>(path: string): Promise<Module> =>
  import(new URL(`../../dist/modules/src/${path}.js`, import.meta.url).href) as Promise<Module>;
