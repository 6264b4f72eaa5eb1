import { text } from '../core/card.ts';
import { type Command, defineCommand } from '../core/command.ts';
import { can } from '../core/permission.ts';

/** Says which commands there are, as far as the person may use them. */
export function pterodocHelp(others: readonly Command[]): Command {
  const help: Command = defineCommand({
    name: 'pterodoc help',
    summary: 'Say what pterodoc can do',
    permission: 'diagnose.any',
    input: {},
    async run(_input, { actor, office }) {
      const allowed = [...others, help].filter(({ permission }) => can(actor.role, permission));
      return {
        card: {
          tone: 'neutral',
          title: 'What pterodoc can do',
          summary: 'It follows a purchase from payment to a running server, says where it broke, and mends it.',
          blocks: [
            {
              kind: 'fields',
              fields: allowed.map(({ name, summary, inputs }) => ({
                label: `/${name}`,
                value: text(
                  [
                    summary,
                    ...inputs.map((input) => `${input.isRequired ? '' : 'optional '}${input.name}: ${input.summary}`),
                  ].join('; '),
                ),
              })),
            },
          ],
          madeAt: office.engine.clock.now(),
        },
        visibility: 'private',
      };
    },
  });
  return help;
}
