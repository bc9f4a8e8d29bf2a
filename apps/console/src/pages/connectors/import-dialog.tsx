import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useRef, useState, type DragEvent } from 'react';
import { client } from '../../api/client';
import { bytesText } from '../../json/bytes';
import { Button } from '../../ui/button';
import { Dialog, DialogForm } from '../../ui/dialog';
import { Notice } from '../../ui/notice';
import { Problem } from '../../ui/problem';
import styles from './import-dialog.module.css';

const documentBytesMax = 10 * 1024 * 1024;
/** Longer documents are imported without being shown: a text field of megabytes is slow. */
const shownCharactersMax = 200_000;

interface File {
  readonly name: string;
  readonly text: string;
  readonly bytes: number;
}

/** Imports an OpenAPI document that is pasted, chosen or dropped. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const id = useId();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const chooser = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [file, setFile] = useState<File>();
  const [sourceUrl, setSourceUrl] = useState('');
  const [fault, setFault] = useState<string>();
  const [isOver, setIsOver] = useState(false);
  const document = file?.text ?? text;

  const load = useMutation({
    mutationFn: () => {
      const url = sourceUrl.trim();
      return client.call('importConnector', {
        body: { document, ...(url === '' ? {} : { sourceUrl: url }) },
      });
    },
    onSuccess: async (connector) => {
      await Promise.all(
        ['connectors', 'catalogue'].map((key) => queries.invalidateQueries({ queryKey: [key] })),
      );
      await navigate({ to: '/connectors/$connector', params: { connector: connector.id } });
    },
  });

  async function take(chosen: globalThis.File | undefined): Promise<void> {
    if (chosen === undefined) return;
    load.reset();
    if (chosen.size > documentBytesMax) {
      setFault(
        `${chosen.name} has ${bytesText(chosen.size)}; a document may have at most ${bytesText(documentBytesMax)}. Import a part of it.`,
      );
      return;
    }
    const content = await chosen.text();
    setFault(undefined);
    if (content.length > shownCharactersMax) {
      setFile({ name: chosen.name, text: content, bytes: chosen.size });
    } else {
      setFile(undefined);
      setText(content);
    }
  }

  function submit(): void {
    const bytes = new TextEncoder().encode(document).length;
    if (document.trim() === '') {
      setFault('Paste a document, or choose a file.');
    } else if (bytes > documentBytesMax) {
      setFault(
        `The document has ${bytesText(bytes)}; at most ${bytesText(documentBytesMax)} can be imported.`,
      );
    } else {
      setFault(undefined);
      load.mutate();
    }
  }

  return (
    <Dialog title="Import an OpenAPI document" onClose={onClose} testId="import-dialog">
      <DialogForm
        onSubmit={submit}
        buttons={
          <>
            <Button onClick={onClose}>Close</Button>
            <Button kind="primary" type="submit" data-testid="import-submit" busy={load.isPending}>
              Import
            </Button>
          </>
        }
      >
        {fault === undefined ? null : <Notice tone="bad">{fault}</Notice>}
        {load.isError ? <Problem error={load.error} /> : null}
        <div
          className={styles['drop']}
          data-over={isOver}
          onDragOver={(event) => {
            event.preventDefault();
            setIsOver(true);
          }}
          onDragLeave={() => setIsOver(false)}
          onDrop={(event: DragEvent) => {
            event.preventDefault();
            setIsOver(false);
            void take(event.dataTransfer.files[0]);
          }}
        >
          <label htmlFor={id}>OpenAPI 3.x, JSON or YAML</label>
          {file === undefined ? (
            <textarea
              id={id}
              data-testid="import-document"
              spellCheck={false}
              placeholder="Paste the document, or drop its file here"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          ) : (
            <p id={id} className={styles['file']} role="status">
              {file.name}, {bytesText(file.bytes)}
              <Button size="small" kind="quiet" onClick={() => setFile(undefined)}>
                Remove
              </Button>
            </p>
          )}
          <input
            ref={chooser}
            type="file"
            className="visually-hidden"
            tabIndex={-1}
            aria-label="File of the document"
            data-testid="import-file"
            accept=".json,.yaml,.yml,application/json,application/yaml"
            onChange={(event) => {
              void take(event.target.files?.[0]);
              event.target.value = '';
            }}
          />
          <Button size="small" onClick={() => chooser.current?.click()}>
            Choose a file
          </Button>
        </div>
        <label className={styles['label']}>
          Where it came from (optional)
          <input
            type="url"
            data-testid="import-source-url"
            placeholder="https://…"
            value={sourceUrl}
            onChange={(event) => setSourceUrl(event.target.value)}
          />
          <small>Relative server addresses in the document are read against it.</small>
        </label>
        <p className={styles['note']}>
          Importing calls nothing and approves no address. A document with the name of a connector
          that you have replaces it.
        </p>
      </DialogForm>
    </Dialog>
  );
}
