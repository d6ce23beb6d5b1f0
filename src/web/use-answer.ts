import { useEffect, useState } from 'react';
import type { Method, Params } from '../protocol/messages.ts';
import { useDesk, useDeskState } from './desk-context.ts';
import type { Result } from './results.ts';

/**
 * What the server answers to a question: asked again after every reconnection, when the question is another one, and when
 * `version` is. The last answer stays while the next is awaited.
 */
export function useAnswer<M extends Method>(
  method: M,
  params: Params<M>,
  version = '',
): Result<M> | null {
  const desk = useDesk();
  const { link } = useDeskState();
  const [result, setResult] = useState<Result<M> | null>(null);
  const asked = JSON.stringify(params);
  const isOpen = link.kind === 'open';
  useEffect(() => {
    if (!isOpen) return;
    let isWanted = true;
    const ask = async (): Promise<void> => {
      const answer = await desk.ask(method, JSON.parse(asked) as Params<M>);
      if (answer.ok && isWanted) setResult(answer.result);
    };
    void ask();
    return () => {
      isWanted = false;
    };
  }, [desk, method, asked, isOpen, version]);
  return result;
}
