import { createTheme } from '@mantine/core';

/** Colours are in theme.css: what stands there is never injected, so no inline style is needed. */
export const theme = createTheme({
  respectReducedMotion: true,
  cursorType: 'pointer',
});
