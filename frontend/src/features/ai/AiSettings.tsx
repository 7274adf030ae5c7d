import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Endpoint } from "@/features/ai/Endpoint";
import { Trials } from "@/features/ai/Trials";
import { answerOf, api, type Schemas } from "@/shared/api/client";
import { useMe } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { announce } from "@/shared/ui/announce";
import { ErrorLine, Loaded } from "@/shared/ui/states";

const AI = ["ai"];
type Told = Schemas["AiSettingsOut"];
type Changes = Schemas["AiSettingsIn"];

/** Which models are used, where they are, and whether they answer. */
export function AiSettings() {
  const settings = useQuery({
    queryKey: AI,
    queryFn: ({ signal }) => answerOf(api.GET("/settings/ai", { signal })),
  });
  return (
    <Loaded query={settings}>{(found) => <Form key={found.updated_at} told={found} />}</Loaded>
  );
}

function Form({ told }: { told: Told }) {
  const me = useMe();
  const client = useQueryClient();
  const saving = useMutation({
    mutationFn: (body: Changes) => answerOf(api.PUT("/settings/ai", { body })),
    onSuccess: (saved) => {
      client.setQueryData(AI, saved);
      announce(s.ai.saved);
    },
  });
  const shared = { isReadOnly: !me.is_admin, isBusy: saving.isPending };
  return (
    <div className="space-y-6">
      {me.is_admin ? null : <p className="text-sm text-muted">{s.ai.readOnly}</p>}
      <div className="grid gap-6 md:grid-cols-2">
        <Endpoint
          title={s.ai.llm}
          held={{
            url: told.openai_base_url ?? "",
            model: told.openai_model,
            hasKey: told.openai_api_key_set,
          }}
          urlHint={s.ai.noAddress}
          onSave={({ url, model, key }) =>
            saving.mutate({
              openai_base_url: url,
              openai_model: model,
              ...(key === undefined ? {} : { openai_api_key: key }),
            })
          }
          {...shared}
        />
        <Endpoint
          title={s.ai.embedding}
          held={{ url: told.embedding_base_url ?? "", hasKey: told.embedding_api_key_set }}
          urlHint={s.ai.noEmbeddingAddress}
          about={s.ai.held(told.embedding_model, told.embedding_dimension)}
          onSave={({ url, key }) =>
            saving.mutate({
              embedding_base_url: url,
              ...(key === undefined ? {} : { embedding_api_key: key }),
            })
          }
          {...shared}
        />
      </div>
      <ErrorLine error={saving.error} />
      {me.is_admin ? <Trials /> : null}
    </div>
  );
}
