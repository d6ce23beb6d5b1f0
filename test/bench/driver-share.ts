/** From now on: which share of a core this process uses. Near 1 it is the driver that is measured. */
export function driverShare(): () => number {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpuBefore);
    return (user + system) / 1000 / (performance.now() - startedAt);
  };
}
