// Arrays by address, each fetched once.
const MAX_CACHED_ARRAYS = 40;
const cachedArrays = new Map(); // address -> promise of its bytes

async function fetchArray(url, ArrayType) {
  if (!cachedArrays.has(url)) {
    const request = fetch(url).then((response) => {
      if (!response.ok) throw new Error(`${response.status}`);
      return response.arrayBuffer();
    });
    request.catch(() => cachedArrays.delete(url));
    cachedArrays.set(url, request);
    if (cachedArrays.size > MAX_CACHED_ARRAYS) cachedArrays.delete(cachedArrays.keys().next().value);
  }
  return new ArrayType(await cachedArrays.get(url));
}
