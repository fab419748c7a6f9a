package dialogue

import (
	"fmt"
	"net/http"
	"strings"

	"rostrum.example/internal/page"
)

type pointView struct {
	Item                      itemView
	Group, DialoguePath, Date string
	From, TracePath           string
	TakenUp, TakesUp          []refView
	Citation                  string
	VerifyTarget              string
	Machine                   bool
}

func (w *Wing) showPoint(rw http.ResponseWriter, r *page.Request) error {
	c, err := w.compose(r.Context(), r)
	if err != nil {
		return err
	}
	ref := Ref{ID(r.PathValue("dialogue")), ItemID(r.PathValue("item"))}
	it, ok := c.record.Item(ref)
	if !ok || it.Kind != Point && it.Kind != Recommendation {
		return page.NotFound()
	}
	if err := c.locate([]*Item{it}); err != nil {
		return err
	}
	d, _ := c.record.Find(ref.Dialogue)
	v := pointView{
		Item: c.item(it), Group: c.group(d), DialoguePath: dialoguePath(d.ID()), Date: c.date(d.Opening.Date),
		From: c.from(d, it), TracePath: tracePath(ref), VerifyTarget: r.Base(),
	}
	for _, later := range c.record.Dialogues {
		for _, link := range later.Of(Link) {
			item, found := later.Item(link.Item)
			if found && link.TakesUp == ref.String() {
				v.TakenUp = append(v.TakenUp, c.ref(item))
			}
			if target, err := ParseRef(link.TakesUp); err == nil && later.ID() == ref.Dialogue && link.Item == ref.Item {
				if earlier, ok := c.record.Item(target); ok {
					v.TakesUp = append(v.TakesUp, c.ref(earlier))
				}
			}
		}
	}
	v.Citation = fmt.Sprintf("%s. %s, %s. %s%s", strings.TrimSuffix(v.Item.Words.Text, "."), c.title(d), v.Date, v.VerifyTarget, r.Link(itemPath(it)))
	if !v.Item.Proof.Pending {
		v.Citation += " (" + r.Text("dialogue.entry", "Index", v.Item.Proof.Number) + ")"
	}
	v.Machine = c.machine
	return w.point.Render(rw, r, v)
}
