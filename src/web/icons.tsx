import type { ReactNode } from 'react';

/** 24×24 strokes, drawn here so that nothing is fetched. Beside a word they say nothing of their own. */
function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width="1.15em"
      height="1.15em"
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

const HANDSET =
  'M21 16.5v3a2 2 0 0 1-2.2 2A17.5 17.5 0 0 1 2.5 5.2 2 2 0 0 1 4.5 3h3a1.5 1.5 0 0 1 1.5 1.3l.5 2.7a1.5 1.5 0 0 1-.4 1.4L7.6 9.9a14 14 0 0 0 6.5 6.5l1.5-1.5a1.5 1.5 0 0 1 1.4-.4l2.7.5a1.5 1.5 0 0 1 1.3 1.5z';

export const PhoneIcon = () => (
  <Icon>
    <path d={HANDSET} />
  </Icon>
);
export const HangUpIcon = () => (
  <Icon>
    <path d="M3 14.5c0-1 .4-2 1.2-2.6a13 13 0 0 1 15.6 0c.8.6 1.2 1.6 1.2 2.6v1a1 1 0 0 1-1.3 1l-3.5-1a1 1 0 0 1-.7-1v-2a12 12 0 0 0-7 0v2a1 1 0 0 1-.7 1l-3.5 1a1 1 0 0 1-1.3-1z" />
  </Icon>
);
export const PauseIcon = () => (
  <Icon>
    <path d="M8 5v14M16 5v14" />
  </Icon>
);
export const MinusIcon = () => (
  <Icon>
    <path d="M6 12h12" />
  </Icon>
);
export const PlusIcon = () => (
  <Icon>
    <path d="M6 12h12M12 6v12" />
  </Icon>
);
export const SoundOnIcon = () => (
  <Icon>
    <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11" />
  </Icon>
);
export const SoundOffIcon = () => (
  <Icon>
    <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5" />
  </Icon>
);
export const MoonIcon = () => (
  <Icon>
    <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z" />
  </Icon>
);
export const SunIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4" />
  </Icon>
);
export const KeyboardIcon = () => (
  <Icon>
    <rect x="2.5" y="6" width="19" height="12" rx="2" />
    <path d="M6.5 10h.01M10 10h.01M14 10h.01M17.5 10h.01M7.5 14h9" />
  </Icon>
);
export const LeaveIcon = () => (
  <Icon>
    <path d="M10 4H5.5A1.5 1.5 0 0 0 4 5.5v13A1.5 1.5 0 0 0 5.5 20H10M15.5 16.5 20 12l-4.5-4.5M20 12H9.5" />
  </Icon>
);
