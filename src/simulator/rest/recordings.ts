import type { Route } from './resource.ts';

export const recordingRoutes: readonly Route[] = [];
