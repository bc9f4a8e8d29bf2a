import type { DemoLoaded } from '@parley/contracts';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { client, messageOf } from '../../api/client';
import { useMay } from '../../app/person';
import { Button } from '../../ui/button';
import { Chip } from '../../ui/chip';
import { Notice } from '../../ui/notice';
import { useSessionValue } from '../../ui/session-value';
import { Spinner } from '../../ui/spinner';
import { TextArea } from '../../ui/text-area';
import { Time } from '../../ui/time';
import styles from './conversations-page.module.css';
import { examplesFor } from './examples';
import { DemoNotice, LoadDemo } from './load-demo';
import { sayOnOpening } from './outbox';

const pageSize = 30;

/** Begin a conversation, or go on with one. */
export function ConversationsPage() {
  return (
    <div className={styles['page']}>
      <Start />
      <Conversations />
    </div>
  );
}

function Start() {
  const navigate = useNavigate();
  const mayBuild = useMay('build');
  const [text = '', setText] = useSessionValue<string>('parley.composer.new');
  const [demo, setDemo] = useState<DemoLoaded>();
  const field = useRef<HTMLTextAreaElement>(null);
  const key = useRef<string>(undefined);
  const catalogue = useQuery({
    queryKey: ['catalogue'],
    queryFn: () => client.call('getCatalogue'),
  });
  const start = useMutation({
    mutationFn: (_first: string) => {
      key.current ??= crypto.randomUUID();
      return client.call('createConversation', { body: {}, idempotencyKey: key.current });
    },
    onSuccess: async (conversation, first) => {
      key.current = undefined;
      sayOnOpening(conversation.id, { text: first });
      setText(undefined);
      await navigate({
        to: '/conversations/$conversation',
        params: { conversation: conversation.id },
      });
    },
  });
  const isEmpty = text.trim() === '';

  function submit() {
    if (!isEmpty && mayBuild && !start.isPending) start.mutate(text.trim());
  }

  return (
    <section className={styles['start']} aria-labelledby="start">
      <h1 id="start">What should happen?</h1>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextArea
          ref={field}
          autoFocus
          data-testid="composer"
          aria-label="Describe a process"
          className={styles['field']}
          placeholder="Describe a process in your own words. You see the workflow before anything runs."
          maxLength={20_000}
          value={text}
          onChange={(event) => setText(event.target.value === '' ? undefined : event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            submit();
          }}
        />
        <Button
          kind="primary"
          type="submit"
          data-testid="send"
          disabled={isEmpty || !mayBuild}
          busy={start.isPending}
        >
          Start
        </Button>
      </form>
      {start.isError ? <Notice tone="bad">{messageOf(start.error)}</Notice> : null}
      <div className={styles['examples']} role="group" aria-label="Examples">
        {catalogue.isPending
          ? null
          : examplesFor(catalogue.data).map((example) => (
              <Chip
                key={example}
                onClick={() => {
                  setText(example);
                  field.current?.focus();
                }}
              >
                {example}
              </Chip>
            ))}
      </div>
      {demo === undefined ? null : <DemoNotice loaded={demo} />}
      {demo === undefined && catalogue.data?.connectors.length === 0 ? (
        <Notice tone="info" title="No system is connected yet">
          <p>
            Workflows call your systems by their OpenAPI documents. Import one, or try a demo
            business that answers on this machine.
          </p>
          <div className={styles['actions']}>
            <LoadDemo onLoaded={setDemo} />
            <Link to="/connectors">Import OpenAPI</Link>
          </div>
        </Notice>
      ) : null}
    </section>
  );
}

function Conversations() {
  const list = useInfiniteQuery({
    queryKey: ['conversations'],
    queryFn: ({ pageParam }) =>
      client.call('listConversations', { query: { pageSize, pageToken: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
    staleTime: 0,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className={styles['list']} aria-labelledby="conversations">
      <h2 id="conversations">Conversations</h2>
      {list.isPending ? <Spinner label="Loading conversations" /> : null}
      {list.isError ? <Notice tone="bad">{messageOf(list.error)}</Notice> : null}
      {list.isSuccess && items.length === 0 ? (
        <p className={styles['none']}>There is none yet. Your first one begins above.</p>
      ) : null}
      <ul>
        {items.map(({ id, title, updatedAt, createdBy, workflowId }) => (
          <li key={id}>
            <Link to="/conversations/$conversation" params={{ conversation: id }}>
              <span className={styles['title']}>{title === '' ? 'Nothing said yet' : title}</span>
              <span className={styles['about']}>
                {workflowId === undefined ? null : (
                  <span className={styles['approved']}>has a workflow</span>
                )}
                <span>{createdBy.name}</span>
                <Time at={updatedAt} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {list.hasNextPage ? (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show earlier ones
        </Button>
      ) : null}
    </section>
  );
}
