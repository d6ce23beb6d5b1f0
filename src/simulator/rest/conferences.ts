import type { Route } from './resource.ts';

export const conferenceRoutes: readonly Route[] = [];
