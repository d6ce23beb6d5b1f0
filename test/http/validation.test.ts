import Fastify from 'fastify';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { schemasCompiledLater } from '../../src/http/validation.ts';

const Query = Type.Object({
  name: Type.String({ minLength: 1 }),
  skip: Type.Optional(Type.Integer({ maximum: 1 })),
});

async function ask(query: string): Promise<{ status: number; read: unknown }> {
  const app = Fastify({ schemaController: schemasCompiledLater });
  app.get('/', { schema: { querystring: Query } }, (request, reply) =>
    reply.send({ read: request.query }),
  );
  const answer = await app.inject(`/?${query}`);
  return { status: answer.statusCode, read: answer.json<{ read?: unknown }>().read };
}

test('a query is read as its schema has it, and what that does not name is dropped', async () => {
  expect(await ask('name=a&skip=1&other=x')).toEqual({ status: 200, read: { name: 'a', skip: 1 } });
});

test.each(['', 'name=', 'name=a&name=b', 'name=a&skip=x', 'name=a&skip=2'])(
  'the query "%s" is refused',
  async (query) => {
    expect(await ask(query)).toEqual({ status: 400, read: undefined });
  },
);
