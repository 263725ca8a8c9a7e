/* The one door for what a browser would else take from any text (Trusted Types): HTML that our server wrote, and the
   service worker. What another script hands to innerHTML and its like is refused by the page's policy. */

const WORKER = "/service-worker.js";

const rules = {
  createHTML: (html) => html, // the templates have escaped what people wrote; scripts in it don't run
  createScriptURL: (address) => {
    if (address !== WORKER) throw new TypeError(`${address} is not the service worker`);
    return address;
  },
};
const policy = window.trustedTypes?.createPolicy("lentigo", rules) ?? rules;

/** HTML out of an answer of this site. */
export const written = (html) => policy.createHTML(html);

export const serviceWorker = () => policy.createScriptURL(WORKER);
