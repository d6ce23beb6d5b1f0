/* oxlint-disable import/no-unassigned-import -- style sheets are imported for their effect */
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './theme.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { DeskContext } from './desk-context.ts';
import { Desk } from './desk.ts';
import { FloorModel } from './floor.ts';
import { Sheets } from './sheets.tsx';
import { wakeSoundOnFirstGesture } from './sound.ts';
import { theme } from './theme.ts';
import { floorStore, tabStore } from './tab-store.ts';

const FloorPage = lazy(async () => ({ default: (await import('./floor-page.tsx')).FloorPage }));

function floor() {
  const model = new FloorModel(openSocket, floorStore);
  window.addEventListener('online', () => model.retryNow());
  return (
    <Suspense fallback={null}>
      <FloorPage model={model} />
    </Suspense>
  );
}

function agentsDesk() {
  const desk = new Desk(openSocket, tabStore);
  window.addEventListener('online', () => desk.retryNow());
  wakeSoundOnFirstGesture();
  desk.start();
  return (
    <DeskContext value={desk}>
      <Sheets>
        <App />
      </Sheets>
    </DeskContext>
  );
}

function socketUrl(): URL {
  const url = new URL('agent', document.baseURI);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url;
}

/** The same files at another address: who looks after the agents needs no desk. */
const isFloor = /\/floor\/?$/.test(location.pathname);
const openSocket = () => new WebSocket(socketUrl());
const page = isFloor ? floor() : agentsDesk();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
// Variables and classes come from style sheets: a policy of style-src 'self' leaves no room for <style> tags.
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <Notifications position="bottom-left" autoClose={7_000} limit={3} />
      {page}
    </MantineProvider>
  </StrictMode>,
);
