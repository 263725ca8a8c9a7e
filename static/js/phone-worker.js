/* The service worker: opens the shell without network, and sends what waits when the browser says that there is one.

   It keeps the files that it is given and the two pages of the shell, fetched without cookies; no answer to a person
   is ever put into a cache. */

import { TAG, sendWaiting } from "./phone-send.js";

const PREFIX = "lentigo-shell-";
const STATIC = "/static/";

/** Serve a shell: its `version`, its `files`, the `page` for all that can't be reached, and `forms` by address. */
export function serve({ version, files, page, forms }) {
  const name = PREFIX + version;

  async function install() {
    const cache = await caches.open(name);
    const pages = [page, ...Object.values(forms)];
    await Promise.all([
      ...files.map((file) => cache.add(new Request(file, { cache: file.includes("?v=") ? "default" : "no-cache" }))),
      ...pages.map((address) => cache.add(new Request(address, { cache: "no-store", credentials: "omit" }))),
    ]);
    await self.skipWaiting();
  }

  async function activate() {
    const names = await caches.keys();
    await Promise.all(names.filter((other) => other.startsWith(PREFIX) && other !== name).map((other) => caches.delete(other)));
    await self.registration.navigationPreload?.enable();
    await self.clients.claim();
  }

  /** Ask the network; without it, show the shell in place of the page. */
  async function navigate(event) {
    try {
      return (await event.preloadResponse) ?? (await fetch(event.request));
    } catch (error) {
      const { pathname } = new URL(event.request.url);
      const kept = await caches.match(forms[pathname] ?? page, { cacheName: name, ignoreVary: true });
      if (!kept) throw error;
      return kept;
    }
  }

  /** A file under its version is what it was; any other is asked for, and taken from the shell without network. */
  async function file(request) {
    const among = { cacheName: name, ignoreVary: true };
    const versioned = new URL(request.url).searchParams.has("v") ? await caches.match(request, among) : undefined;
    if (versioned) return versioned;
    try {
      return await fetch(request);
    } catch (error) {
      const kept = await caches.match(request, { ...among, ignoreSearch: true });
      if (!kept) throw error;
      return kept;
    }
  }

  /** Send; what is left over makes the browser try again. */
  async function send() {
    const ended = await sendWaiting();
    if (ended === "offline" || ended === "busy") throw new Error(ended);
  }

  self.addEventListener("install", (event) => event.waitUntil(install()));
  self.addEventListener("activate", (event) => event.waitUntil(activate()));
  self.addEventListener("sync", (event) => {
    if (event.tag === TAG) event.waitUntil(send());
  });
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (request.method !== "GET" || origin !== self.location.origin) return;
    if (request.mode === "navigate") event.respondWith(navigate(event));
    else if (pathname.startsWith(STATIC)) event.respondWith(file(request));
  });
}
