/**
 * A definition of `count` tasks as people and agents write them: calls with expressions, conditions,
 * handlers with retries, loops, branches; about ten lines for each task.
 */
export function definitionOf(count: number): string {
  const groups: string[] = [];
  for (let at = 0; at < count; at += 10) groups.push(groupOf(at));
  return head + groups.join('');
}

const head = `document:
  dsl: '1.0.3'
  namespace: bench
  name: order-intake
  version: 1.0.0
  title: Intake of orders
input:
  schema:
    document:
      type: object
      required: [orderId, total]
      properties:
        orderId: { type: string }
        total: { type: number }
use:
  retries:
    patient:
      delay: { seconds: 2 }
      backoff: { exponential: {} }
      limit: { attempt: { count: 5 } }
  timeouts:
    short: { after: PT30S }
timeout: { after: { days: 2 } }
do:
`;

/** Ten tasks; the ones in lists of their own count, too. */
function groupOf(at: number): string {
  return `  # Orders ${at} and the ones after
  - readOrder${at}:
      if: $context.seen${at} == null and (.total > ${at % 97} or .urgent)
      call: http
      with:
        method: get
        endpoint: https://shop.example.com/orders/{orderId}/lines?page=${at}
        headers:
          accept: application/json
          x-order: \${ .orderId | tostring }
      output:
        as: '{ lines: [.content.lines[] | select(.quantity > 0) | { sku, quantity }], total }'
      timeout: short
      metadata:
        owner: orders
        cost: low
  - prepare${at}:
      set:
        order: \${ $workflow.input.orderId }
        count: \${ .lines | length }
        label: Order \${ $workflow.input.orderId } with \${ .lines | length } lines
        address: { street: '\${ .customer.street // "unknown" }', city: '\${ .customer.city }' }
        tags: [new, '\${ if .total > 200 then "large" else "small" end }', shop]
      export:
        as: '$context + { seen${at}: true, total: (($context.total // 0) + .count) }'
  - decide${at}:
      switch:
        - large:
            when: .count > 20 or ($context.total > 1000 and .address.city == "Vienna")
            then: announce${at}
        - small:
            when: .count <= 20
            then: reserve${at}
        - otherwise:
            then: continue
  - reserve${at}:
      try:
        - book${at}:
            call: http
            with:
              method: post
              endpoint: { uri: 'https://stock.example.com/bookings' }
              body:
                order: \${ .order }
                lines: '\${ .lines | map({ sku: .sku, quantity: (.quantity * 2) }) }'
              output: response
            timeout: { after: PT10S }
      catch:
        errors: { with: { type: https://serverlessworkflow.io/spec/1.0.0/errors/communication } }
        as: problem
        when: $problem.status >= 500
        retry: patient
        do:
          - note${at}:
              set:
                failed: \${ $problem.title }
                order: \${ .order }
                reason: \${ "\\($problem.status) \\($problem.detail // "no reason")" }
                when: later
              then: exit
  - perLine${at}:
      for:
        each: line
        in: .lines
        at: position
      while: $position < 50
      do:
        - price${at}:
            set:
              sum: \${ $line.quantity * ($line.price // 1) }
              row: \${ $position + 1 }
              sku: \${ $line.sku | ascii_upcase }
            output:
              as: .sum
      export:
        as: '$context + { sum: (($context.sum // 0) + .) }'
  - announce${at}:
      emit:
        event:
          with:
            source: https://shop.example.com/orders
            type: com.example.order.prepared.v1
            subject: \${ "order/\\(.order)" }
            data:
              order: \${ .order }
              total: \${ $context.total }
              lines: \${ [.lines[]? | .sku] | join(", ") }
      metadata:
        team: north
        note: told to the warehouse
  - pause${at}:
      wait:
        minutes: 1
        seconds: ${at % 60}
      then: continue
`;
}
