package summary

import (
	"net/http"
	"net/url"
	"strconv"

	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/text"
)

// publishView is what stands between the draft and its publication.
type publishView struct {
	headView
	Edit                          int
	Failing, Warnings             []findingView
	All                           shareView
	Due                           []inputView
	DueMore, OpenReplies, InRound int
	Blocks                        int
	Ready                         bool
	Note                          page.Field
}

const dueShown = 20

func (room *Room) showPublish(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	d, err := room.opened(r, actor)
	if err != nil {
		return err
	}
	if party.May(actor, party.PublishSummary, d.scope()) {
		if sent, err := party.Again(w, r, party.Allow(actor, party.PublishSummary, d.scope())); sent {
			return err
		}
	}
	return room.renderPublish(w, r, http.StatusOK, actor, url.Values{}, nil)
}

func (room *Room) takePublish(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	edit, _ := strconv.Atoi(form.Get("edit"))
	if _, err := room.Publish(r.Context(), actor, dialogueOf(r), edit, form.Get("note")); err != nil {
		errs, err := party.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderPublish(w, r, http.StatusUnprocessableEntity, actor, form, errs)
	}
	return r.Redirect(w, Path(dialogueOf(r)))
}

func (room *Room) renderPublish(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, form url.Values, errs page.FormErrors) error {
	d, err := room.begun(r, actor)
	if err != nil {
		return err
	}
	v := publishView{Edit: d.Edit}
	if v.headView, err = room.head(r, actor, d, "publish"); err != nil {
		return err
	}
	ready := room.ready(d)
	v.Errors, v.Ready, v.Blocks, v.OpenReplies, v.All = errs, ready.ok(), ready.Blocks, v.Replies, share("", ready.Account.All)
	for _, f := range ready.Errors {
		v.Failing = append(v.Failing, room.findingView(r, d, f))
	}
	for _, f := range ready.Warnings {
		v.Warnings = append(v.Warnings, room.findingView(r, d, f))
	}
	for _, a := range ready.Account.Sources {
		if a.Fate != text.Unaccounted {
			continue
		}
		if len(v.Due) == dueShown {
			v.DueMore++
			continue
		}
		v.Due = append(v.Due, room.inputView(r, d, d.source[a.ID]))
	}
	v.Note = page.Field{Name: "note", Label: r.Text("summary.publish.note"), Hint: r.Text("summary.publish.note.hint"), Rows: 3, Max: maxReason, Value: form.Get("note"), Error: errs.Of("note")}
	return room.pages.publish.RenderStatus(noStore{w}, r, status, v)
}
