/** A request as the stub sees it. */
export interface StubRequest {
  readonly method: string;
  /** Host name without a port. */
  readonly host: string;
  /** Path and query. */
  readonly target: string;
  readonly authorization?: string;
}

export interface StubAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The origins that the kit calls. */
export const stubbedOrigins = ['https://petstore.swagger.io', 'https://httpbin.org'] as const;

const categories = { id: 1, name: 'Dogs' };
const pets = [
  { id: 1, name: 'Rex', status: 'available' },
  { id: 2, name: 'Bella', status: 'available' },
  { id: 3, name: 'Luna', status: 'sold' },
].map((pet) => ({ ...pet, category: categories, photoUrls: [], tags: [] }));

/** Stands for the two public systems of the kit, which no test may depend on. Pure. */
export function answer(request: StubRequest): StubAnswer {
  const url = new URL(request.target, `https://${request.host}`);
  if (request.method !== 'GET') return problem(405, 'method not allowed');
  if (request.host === 'httpbin.org') return httpbin(url, request.authorization);
  return request.host === 'petstore.swagger.io' ? petstore(url) : problem(404, 'no such host');
}

function petstore(url: URL): StubAnswer {
  if (url.pathname === '/v2/swagger.json') return json(200, petstoreDocument);
  const [, id] = /^\/v2\/pet\/([^/]+)$/.exec(url.pathname) ?? [];
  if (id === 'findByStatus') {
    const wanted = url.searchParams.getAll('status').flatMap((one) => one.split(','));
    return json(
      200,
      pets.filter(({ status }) => wanted.includes(status)),
    );
  }
  const pet = pets.find((one) => String(one.id) === id);
  return pet === undefined ? problem(404, 'Pet not found') : json(200, pet);
}

function httpbin(url: URL, authorization: string | undefined): StubAnswer {
  const [, user, password] = /^\/basic-auth\/([^/]+)\/([^/]+)$/.exec(url.pathname) ?? [];
  if (user === undefined || password === undefined) return problem(404, 'not found');
  const wanted = `${decodeURIComponent(user)}:${decodeURIComponent(password)}`;
  const [scheme, proof = ''] = (authorization ?? '').split(' ');
  const isProven = scheme === 'Basic' && Buffer.from(proof, 'base64').toString() === wanted;
  if (isProven) return json(200, { authenticated: true, user: decodeURIComponent(user) });
  const refused = problem(401, 'who are you?');
  return { ...refused, headers: { ...refused.headers, 'www-authenticate': 'Basic realm="stub"' } };
}

function json(status: number, value: unknown): StubAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  };
}

function problem(status: number, message: string): StubAnswer {
  return json(status, { code: status, type: 'error', message });
}

const petResponse = { 200: { description: 'successful operation' } };

/** As much of a description as the two operations need that the kit calls. */
export const petstoreDocument = {
  swagger: '2.0',
  info: { title: 'Petstore', version: '1.0.0' },
  host: 'petstore.swagger.io',
  basePath: '/v2',
  schemes: ['https', 'http'],
  paths: {
    '/pet/findByStatus': {
      get: {
        operationId: 'findPetsByStatus',
        produces: ['application/json'],
        parameters: [
          {
            name: 'status',
            in: 'query',
            required: true,
            type: 'array',
            items: { type: 'string', enum: ['available', 'pending', 'sold'] },
            collectionFormat: 'multi',
          },
        ],
        responses: petResponse,
      },
    },
    '/pet/{petId}': {
      get: {
        operationId: 'getPetById',
        produces: ['application/json'],
        parameters: [{ name: 'petId', in: 'path', required: true, type: 'integer' }],
        responses: petResponse,
      },
    },
  },
};
