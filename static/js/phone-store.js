/* What this browser keeps in IndexedDB: photographs that wait to be sent, and whom the pages were shown to last. */

const DATABASE = "lentigo-device";
const WAITING = "waiting"; // one small row for each, with its thumbnail
const CONTENTS = "contents"; // what is sent, by the same id: read only when it is
const ABOUT = "about";
const PERSON = "person";
export const CHANNEL = "lentigo-device";

let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(WAITING, { keyPath: "id" }).createIndex("person", "person");
      request.result.createObjectStore(CONTENTS);
      request.result.createObjectStore(ABOUT);
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      request.result.onclose = () => { opened = undefined; };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  }).catch((error) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

/** Do some work in one transaction, and return the result of the request that it returns, once all is on disk. */
async function within(stores, mode, work) {
  const transaction = (await database()).transaction(stores, mode, { durability: "strict" });
  return new Promise((resolve, reject) => {
    transaction.onabort = () => reject(transaction.error);
    const request = work(...stores.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(request?.result);
  });
}

/** Keep a photograph with all that was entered: `row` is what is listed, `fields` what is sent. */
export const keep = (row, fields) => within([WAITING, CONTENTS], "readwrite", (waiting, contents) => {
  waiting.add(row);
  contents.add(fields, row.id);
});

/** Return what waits for a person, the oldest first. */
export async function waitingOf(person) {
  const rows = await within([WAITING], "readonly", (waiting) => waiting.index("person").getAll(person));
  return rows.sort((one, other) => one.at - other.at);
}

export const countOf = (person) => within([WAITING], "readonly", (waiting) => waiting.index("person").count(person));
export const countAll = () => within([WAITING], "readonly", (waiting) => waiting.count());
export const contentsOf = (id) => within([CONTENTS], "readonly", (contents) => contents.get(id));

/** Change a row, if it is still there: it may have been removed, or sent from another window. */
export const change = (id, values) => within([WAITING], "readwrite", (waiting) => {
  const found = waiting.get(id);
  found.onsuccess = () => { if (found.result) waiting.put({ ...found.result, ...values }); };
});

export const remove = (id) => within([WAITING, CONTENTS], "readwrite", (waiting, contents) => {
  waiting.delete(id);
  contents.delete(id);
});

/** Return whom the pages were shown to last, as a `key`, and `until` when (Unix time, ms) the sign-in lasts. */
export const person = () => within([ABOUT], "readonly", (about) => about.get(PERSON));

export const setPerson = (shown) => within([ABOUT], "readwrite", (about) => {
  if (shown) about.put(shown, PERSON);
  else about.delete(PERSON);
});
