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
  readonly of: {
    readonly runId: string;
    readonly occurrence: string;
    readonly part: 'input' | 'output';
  };
}

/** A value, or the beginning of a large one with a way to all of it. */
export function PayloadView({ payload, of }: PayloadViewProps) {
  const { runId, occurrence, part } = of;
  const toasts = useToasts();
  const download = useMutation({
    mutationFn: async () => {
      const params = { run: runId, occurrence, part };
      await saveResponse(
        await client.download('getStepPayload', { params }),
        `${runId}-${part}.json`,
      );
    },
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
