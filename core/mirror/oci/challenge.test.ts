import { describe, expect, it } from 'vitest';
import { authorizeByChallenge } from './challenge.ts';

const base = new URL('https://registry.example/charts/');
const credentials = { username: 'ana', password: 'secret' };
const basic = `Basic ${Buffer.from('ana:secret').toString('base64')}`;

/** Answers a challenge, with a token service that notes its requests. */
async function answer(challenge: string, realm?: string, token = 'abc') {
  const asked: [string, string | undefined][] = [];
  const authorization = authorizeByChallenge(base, { ...credentials, realm });
  const isAnswered = await authorization.answer(
    challenge,
    'repository:charts/web:pull',
    async (url, header) => {
      asked.push([url.href, header]);
      return Buffer.from(JSON.stringify({ token }));
    },
  );
  return { isAnswered, asked, header: authorization.headerFor('repository:charts/web:pull') };
}

describe('authorizeByChallenge', () => {
  it('asks the token service of the registry, among several challenges', async () => {
    const challenge =
      'Basic realm="x", Bearer service="s",realm="https://registry.example/token?a=1",scope="other"';
    expect(await answer(challenge)).toEqual({
      isAnswered: true,
      asked: [['https://registry.example/token?a=1&service=s&scope=repository%3Acharts%2Fweb%3Apull', basic]],
      header: 'Bearer abc',
    });
  });

  it('sends credentials to a token service elsewhere only if they name it', async () => {
    const challenge = 'Bearer realm="https://auth.example/token"';
    await expect(answer(challenge)).rejects.toMatchObject({ code: 'upstream.denied' });
    await expect(answer(challenge, 'http://auth.example')).rejects.toMatchObject({ code: 'upstream.denied' });
    expect((await answer(challenge, 'https://auth.example/')).asked).toMatchObject([
      [expect.anything(), basic],
    ]);
  });

  it.each([
    'Bearer realm="http://registry.example/token"',
    'Bearer realm="https://ana:secret@registry.example/token"',
    'Bearer realm="ftp://registry.example"',
    'Bearer service="s"',
  ])('asks no token service that is not to be trusted: %s', async (challenge) => {
    await expect(answer(challenge)).rejects.toMatchObject({ code: 'upstream.denied' });
  });

  it('takes no token that cannot be a header', async () => {
    const challenge = 'Bearer realm="https://registry.example/token"';
    await expect(answer(challenge, undefined, 'a\nb: c')).rejects.toMatchObject({ code: 'upstream.denied' });
    await expect(answer(challenge, undefined, '')).rejects.toMatchObject({ code: 'upstream.denied' });
  });

  it('answers a challenge of Basic once, and no other', async () => {
    const authorization = authorizeByChallenge(base, credentials);
    const never = () => Promise.reject(new Error('asked'));
    expect(await authorization.answer('Negotiate', 's', never)).toBe(false);
    expect(await authorization.answer('Basic realm="x"', 's', never)).toBe(true);
    expect(authorization.headerFor('s')).toBe(basic);
    expect(await authorization.answer('Basic realm="x"', 's', never)).toBe(false);
  });
});
