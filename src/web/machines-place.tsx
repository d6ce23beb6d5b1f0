import { lazy, Suspense } from 'react';
import { FullPageWait } from './full-page.tsx';
import { TEXTS } from './texts.ts';

const MachinesPage = lazy(async () => {
  // oxlint-disable-next-line no-restricted-imports -- our own folder of that name, not the charts
  const { MachinesPage: page } = await import('./machines/machines-page.tsx');
  return { default: page };
});

/** The live charts, loaded when somebody wants to look: the drawings are not small. */
export function MachinesPlace() {
  return (
    <Suspense fallback={<FullPageWait text={TEXTS.machines.loading} />}>
      <MachinesPage />
    </Suspense>
  );
}
