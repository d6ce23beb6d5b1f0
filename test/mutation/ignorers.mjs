import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const isDescription = (node) => node.type === 'ObjectProperty' && node.key.name === 'description';

/** Words for readers of the charts decide nothing; nor does a state or an arrow that has nothing but these. */
const descriptions = {
  shouldIgnore(path) {
    const hasNothingElse =
      path.isObjectExpression() &&
      path.node.properties.length > 0 &&
      path.node.properties.every(isDescription);
    return hasNothingElse || isDescription(path.node) ? 'a description decides nothing' : undefined;
  },
};

/** `event.type === …` in the actions and guards of a chart: which event comes was decided by the arrow that names them. */
const narrowing = {
  shouldIgnore(path) {
    if (!path.isBinaryExpression()) return undefined;
    const { left } = path.node;
    const asksForType =
      left.type === 'MemberExpression' &&
      left.object.name === 'event' &&
      left.property.name === 'type';
    const isInSetup = () =>
      path.findParent((parent) => parent.isCallExpression() && parent.node.callee.name === 'setup');
    return asksForType && isInSetup() ? 'it tells the compiler what the arrow knows' : undefined;
  },
};

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'descriptions', descriptions),
  declareValuePlugin(PluginKind.Ignore, 'narrowing', narrowing),
];
