import { createTheme, Notification } from '@mantine/core';
import { TEXTS } from './texts.ts';

/** Colours are in theme.css: what stands there is never injected, so no inline style is needed. */
export const theme = createTheme({
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Notification: Notification.extend({
      defaultProps: { closeButtonProps: { 'aria-label': TEXTS.close } },
    }),
  },
});
