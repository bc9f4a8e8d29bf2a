import type { Payload } from '@parley/contracts';
import { useMutation } from '@tanstack/react-query';
import { client } from '../../api/client';
import { bytesText } from '../../json/bytes';
import { JsonView } from '../../json/json-view';
import { Button } from '../../ui/button';
import { saveResponse } from '../../ui/download';
import { useToasts } from '../../ui/toast';
import styles from './steps.module.css';

export interface PayloadViewProps {
  readonly payload: Payload;
  /** Whose it is: a step's, or an entry's of the history. */
  readonly of:
    | {
        readonly runId: string;
        readonly occurrence: string;
        readonly part: 'input' | 'output';
      }
    | { readonly runId: string; readonly entry: number };
}

/** A value, or the beginning of a large one with a way to all of it. */
export function PayloadView({ payload, of }: PayloadViewProps) {
  const toasts = useToasts();
  const download = useMutation({
    mutationFn: () => save(payload, of),
    onError: (error) => toasts.failure(error),
  });
  if (!payload.truncated) return <JsonView value={payload.value ?? null} />;
  const { preview = '', bytes } = payload;
  return (
    <>
      <pre className={styles['preview']}>{preview}…</pre>
      <p className={styles['cut']}>
        <span>
          The first {preview.length} characters of {bytesText(bytes)}.
        </span>
        <Button
          size="small"
          data-testid="payload-download"
          busy={download.isPending}
          onClick={() => download.mutate()}
        >
          Download all
        </Button>
      </p>
    </>
  );
}

async function save({ href }: Payload, of: PayloadViewProps['of']): Promise<void> {
  const { runId: run } = of;
  if ('entry' in of) {
    const { entry } = of;
    const whole = await client.download('getHistoryEntry', { params: { run, entry } });
    return saveResponse(whole, `${run}-${entry}.json`);
  }
  const { occurrence, part } = of;
  // The payload says as of when it is shown.
  const at = /[?&]at=(\d+)/.exec(href ?? '')?.[1];
  const whole = await client.download('getStepPayload', {
    params: { run, occurrence, part },
    query: at === undefined ? {} : { at },
  });
  await saveResponse(whole, `${run}-${part}.json`);
}
