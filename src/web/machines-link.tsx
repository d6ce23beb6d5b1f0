import { Button } from '@mantine/core';
import { go } from './route.ts';
import { TEXTS } from './texts.ts';

/** The way to the live charts; the session and its socket stay. */
export function MachinesLink() {
  return (
    <Button variant="subtle" color="gray" size="compact-sm" onClick={() => go('machines')}>
      {TEXTS.machines.title}
    </Button>
  );
}
