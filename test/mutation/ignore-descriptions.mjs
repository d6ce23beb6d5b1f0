import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/** Words for readers of the charts decide nothing. */
export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'descriptions', {
    shouldIgnore(path) {
      const isDescription = path.isObjectProperty() && path.node.key.name === 'description';
      return isDescription ? 'a description decides nothing' : undefined;
    },
  }),
];
