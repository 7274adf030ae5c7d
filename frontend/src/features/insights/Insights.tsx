import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { answerOf, api, type Schemas } from "@/shared/api/client";
import { dayInWords } from "@/shared/lib/dates";
import { s } from "@/shared/strings";
import { namedQuery } from "@/shared/trace/named";
import { MEMORY } from "@/shared/trace/queries";
import { Button } from "@/shared/ui/Button";
import { PagedList } from "@/shared/ui/PagedList";
import { Empty, ErrorLine } from "@/shared/ui/states";

const A_PAGE = 20;
const MOST_EVIDENCE = 4;
type Insight = Schemas["InsightOut"];

function insightsQuery(page: number) {
  return queryOptions({
    queryKey: [MEMORY, "insights", page],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET("/memory/insights", { params: { query: { page, per_page: A_PAGE } }, signal }),
      ),
  });
}

/** What was noticed across days, to be judged. */
export function InsightList() {
  return (
    <PagedList
      perPage={A_PAGE}
      queryOf={insightsQuery}
      empty={<Empty title={s.insights.nothing}>{s.insights.nothingHint}</Empty>}
    >
      {(found) => (
        <ul className="grid gap-3 lg:grid-cols-2">
          {found.insights.map((insight) => (
            <InsightCard key={insight.id} insight={insight} />
          ))}
        </ul>
      )}
    </PagedList>
  );
}

function InsightCard({ insight }: { insight: Insight }) {
  const client = useQueryClient();
  const shown = insight.evidence.slice(0, MOST_EVIDENCE);
  const named = useQuery(namedQuery(shown));
  const feedback = useMutation({
    mutationFn: (helpful: boolean) =>
      answerOf(
        api.PATCH("/memory/insights/{insight_id}/feedback", {
          params: { path: { insight_id: insight.id } },
          body: { helpful },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [MEMORY, "insights"] }),
  });
  const judge = (helpful: boolean, label: string) => (
    <Button
      aria-pressed={insight.helpful === helpful}
      look={insight.helpful === helpful ? "primary" : "plain"}
      isBusy={feedback.isPending}
      onClick={() => feedback.mutate(helpful)}
    >
      {label}
    </Button>
  );
  return (
    <li className="flex flex-col rounded-xl border border-line bg-panel p-4">
      <p className="text-xs text-muted">
        {s.insights.kind(insight.kind)} · {dayInWords(insight.day)}
      </p>
      <p className="mt-1 flex-1">{insight.text}</p>
      <ul aria-label={s.insights.evidence} className="mt-2 text-sm">
        {shown.map((id) => (
          <li key={id}>
            <Link
              to="."
              search={(old) => ({ ...old, trace: id })}
              resetScroll={false}
              className="line-clamp-1 min-h-6 text-teal underline-offset-2 hover:underline"
            >
              {named.data?.[id]?.content ?? "…"}
            </Link>
          </li>
        ))}
      </ul>
      <fieldset className="mt-3 flex items-center gap-2">
        <legend className="sr-only">{s.insights.wasItOfUse}</legend>
        {judge(true, s.insights.helpful)}
        {judge(false, s.insights.notHelpful)}
      </fieldset>
      <ErrorLine error={feedback.error} />
    </li>
  );
}
