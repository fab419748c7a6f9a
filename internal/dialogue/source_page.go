package dialogue

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"rostrum.example/internal/page"
)

type sourcesView struct{ Sources []sourceView }

func (w *Wing) showSources(rw http.ResponseWriter, r *page.Request) error {
	c, err := w.compose(r.Context(), r)
	if err != nil {
		return err
	}
	uses := map[string]int{}
	for _, d := range c.record.Dialogues {
		for _, it := range d.Items {
			for _, cite := range it.Sources {
				uses[cite.Source]++
			}
		}
	}
	var v sourcesView
	for _, s := range c.record.Sources {
		sv := c.source(s)
		sv.Items = uses[s.ID]
		v.Sources = append(v.Sources, sv)
	}
	slices.SortFunc(v.Sources, func(a, b sourceView) int {
		return cmp.Or(strings.Compare(a.Publisher, b.Publisher), strings.Compare(a.Title, b.Title), strings.Compare(a.ID, b.ID))
	})
	return w.sources.Render(rw, r, v)
}

type sourceDetailView struct {
	Source       sourceView
	Proof        proofView
	Items        []refView
	VerifyTarget string
}

func (w *Wing) showSource(rw http.ResponseWriter, r *page.Request) error {
	c, err := w.compose(r.Context(), r)
	if err != nil {
		return err
	}
	s, ok := c.record.Sources[r.PathValue("source")]
	if !ok {
		return page.NotFound()
	}
	if err := c.locate(nil, s); err != nil {
		return err
	}
	v := sourceDetailView{Source: c.source(s), Proof: c.proof(s.Entry), VerifyTarget: r.Base()}
	for _, d := range c.record.Dialogues {
		for _, it := range d.Items {
			if slices.ContainsFunc(it.Sources, func(cite Citation) bool { return cite.Source == s.ID }) && len(it.Text) > 0 {
				v.Items = append(v.Items, c.ref(it))
			}
		}
	}
	return w.source.Render(rw, r, v)
}
