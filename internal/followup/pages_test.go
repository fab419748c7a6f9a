package followup

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// TestDeskAndPages walks the pages as people do: the officer puts points, the State confirms, drafts and clears, an
// organisation says what it sees, an editor draws a link, and everybody reads.
func TestDeskAndPages(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.get("", "/en/dialogues/som-2027/follow-up").wants(200, "No point of this dialogue is followed yet")
	g.get("", "/en/dialogues/none/follow-up").wants(404)
	g.get("", "/en/points/none").wants(404)
	g.get("officer", "/en/desk/deliveries").wants(200, "No dialogue has points yet")
	g.get("officer", "/en/desk/deliveries/som-2027").wants(404)
	input := g.words("input/one")
	g.publish(input)
	g.get("", "/en/dialogues/som-2027/follow-up").wants(200, "Exercise dialogue 2027", "Collect data so that", "It was not put to any State yet.", "This is a sample", "Nobody must answer")
	g.get("", "/fr/points/"+string(data)).wants(200, "Recueillir des données", "Il n’a encore été adressé à aucun État")
	g.get("", "/ar/points/"+string(data)).wants(200, `dir="rtl"`, "جمع البيانات")

	// Putting, with a mistake first.
	at := "/en/desk/deliveries/som-2027"
	g.get("contact", at).wants(403)
	g.get("", at).wants(403)
	bad := g.post("officer", at, "do", "put", "points", string(data), "way", "note", "day", "31 March", "reference", "NV-1", "states", "AT").wants(422, "Write a day as 2026-11-23", "NV-1", `value="31 March"`)
	if !strings.Contains(bad.Body.String(), `value="AT" checked`) {
		t.Error("the chosen State is not kept")
	}
	g.post("officer", at, "do", "put", "points", string(data), "points", string(risk), "way", "note", "day", "2027-03-31", "reference", "NV-1", "states-all", "yes").leadsTo(at + "?done=put")
	list := g.get("officer", at+"?done=put").wants(200, "Not confirmed: 4", "2 points", "NV-1", "It is written down")
	for i, name := range []string{"Austria", "France", "Germany", "South Africa"} {
		if i > 0 && strings.Index(list.main(), name) < strings.Index(list.main(), []string{"Austria", "France", "Germany"}[i-1]) {
			t.Errorf("%s stands before its place", name)
		}
	}
	fr := g.get("officer", "/fr/desk/deliveries/som-2027").wants(200).main()
	if a, b := strings.Index(fr, ">Afrique du Sud<"), strings.Index(fr, ">Autriche<"); a < 0 || b < a {
		t.Error("in French, Afrique du Sud does not stand before Autriche")
	}
	g.post("officer", at, "do", "confirm", "receipt-day", "2027-04-01").wants(422, "Choose at least one delivery")
	g.post("officer", at, "do", "confirm", "receipt-day", "2027-01-01", "delivery", "ZA note 2027-03-31 NV-1").wants(422, "cannot be confirmed before", `value="ZA note 2027-03-31 NV-1" checked`)
	g.get("", "/en/points/"+string(data)).wants(200, "Nobody has confirmed that it arrived").without("NV-1")

	g.post("officer", at, "do", "confirm", "receipt-day", "2027-04-01", "delivery", "ZA note 2027-03-31 NV-1").leadsTo(at + "?done=confirmed")
	g.get("officer", at).wants(200, "Not confirmed: 3", "Confirmed: 1")

	// The State's desk.
	g.get("several", "/en/desk/points").wants(200, "Austria", "France")
	g.get("at-one", "/en/desk/points").leadsTo("/en/desk/points/AT")
	g.get("officer", "/en/desk/points").wants(403)
	g.get("fr-one", "/en/desk/points/AT").wants(403)
	g.get("at-one", "/en/desk/points/AT").wants(200, "Points put to: Austria", "Put to you and not confirmed: 2", "by note verbale", "31 March 2027").without("NV-1")
	g.post("at-one", "/en/desk/points/AT", "day", "2027-01-01").wants(422, "cannot be confirmed before")
	g.post("fr-one", "/en/desk/points/AT", "day", "2027-04-01").wants(403)
	g.post("at-one", "/en/desk/points/AT", "day", "2027-04-01").leadsTo("/en/desk/points/AT?done=received")
	g.get("", "/en/points/"+string(data)).wants(200, "Austria and South Africa: no answer is known here. Delivered on 31 March 2027, confirmed on 1 April 2027.", "France and Germany: put forward")

	desk := "/en/desk/points/AT/" + string(data)
	g.get("fr-one", desk).wants(403)
	g.get("fr-one", "/en/desk/points/FR/none").wants(404)
	form := g.get("at-one", desk).wants(200, "Your draft", "Takes it up").without("Tells of progress")
	kept := g.post("at-one", desk, "edit", form.hidden("edit"), "do", "hand", "kind", "takes-up", "measure-en", "A yearly survey.", "date", "2027-12").wants(422, "Say which body will do it", "A yearly survey.")
	g.post("at-one", desk, "edit", kept.hidden("edit"), "do", "hand", "kind", "takes-up", "measure-en", "A yearly survey.", "owner-en", "The sample ministry", "date", "soon").wants(422, "Write a day as 2027-06-30", `value="soon"`)
	g.post("at-one", desk, "edit", kept.hidden("edit"), "do", "hand", "kind", "takes-up", "measure-en", "A yearly survey.", "owner-en", "The sample ministry", "date", "2027-12", "text-ar", "كلمات").leadsTo(desk + "?done=handed")
	g.get("", "/en/points/"+string(data)).without("survey")
	g.get("at-one", desk).wants(200, "You made the last change").without("Clear and publish")
	g.get("at-one", "/en/desk/points/AT").wants(200, "with a second person")
	second := g.get("at-two", desk).wants(200, "Clear and publish", "The sample ministry")
	g.post("at-one", desk, "edit", second.hidden("edit"), "do", "clear").wants(422, "A second person must clear this")
	g.post("at-two", desk, "edit", second.hidden("edit"), "do", "return", "note", "Which ministry?").leadsTo(desk + "?done=returned")
	again := g.get("at-one", desk).wants(200, "Which ministry?")
	g.post("at-one", desk, "edit", "0", "do", "save", "kind", "informs", "text-en", "Stale words.").wants(422, "Somebody else has changed this", "Stale words.")
	g.post("at-one", desk, "edit", again.hidden("edit"), "do", "hand", "kind", "takes-up", "measure-en", "A yearly survey.", "owner-en", "The sample ministry of data", "date", "2027-12").leadsTo(desk + "?done=handed")
	g.post("at-two", desk, "edit", g.get("at-two", desk).hidden("edit"), "do", "clear").leadsTo(desk + "?done=cleared")
	g.get("at-one", desk).wants(200, "Tells of progress", "What you have said")
	g.post("at-one", desk, "edit", "x", "do", "save").wants(400)
	g.post("at-one", desk, "edit", "0", "do", "dance").wants(400)

	// The other side.
	views := "/en/desk/views/" + string(data)
	g.get("officer", views).wants(403)
	g.get("contact", views).wants(200, "On the commitment of Austria", "Sample Shelter Network").without("France\n")
	g.post("contact", views, "do", "say", "organisation", "shelter", "about", "point", "named", "name", "text-en", "In France it is worse.").wants(422, "France is named", "In France it is worse.")
	g.post("contact", views, "do", "say", "organisation", "shelter", "about", "commitment-AT", "named", "name", "text-en", "We were not asked.", "evidence", "https://example.org/report").leadsTo(views + "?done=said")
	g.post("quiet", views, "do", "say", "organisation", "quiet", "about", "point", "named", "category", "text-en", "We count too.").leadsTo(views + "?done=said")
	g.enter()
	public := g.get("", "/en/points/"+string(data)).wants(200, "Austria: takes it up", "The sample ministry of data", "December 2027", "We were not asked.", "Sample Shelter Network", "Academia", "Stakeholders: 2 statements", `href="https://example.org/report"`, "/en/record/")
	public.without("Quiet House", "at-one", "registry")

	// The next dialogue.
	g.write(func(tx *store.Tx) error {
		return g.room.Put(tx, []Point{{ID: next, Origin: "som-2028", Kind: MainPoint, Sample: true, Text: sampleWords("Collect data, again.", "", "")}})
	})
	links := "/en/desk/links/" + string(data)
	g.get("contact", links).wants(403)
	g.post("editor", links, "do", "draw", "later", "som-1999", "relation", "narrowed", "why-en", "Both ask for data.").wants(422, "There is no such dialogue", "Both ask for data.")
	g.post("editor", links, "do", "draw", "later", "som-2028", "item", string(next), "relation", "narrowed", "why-en", "Both ask for data.").leadsTo(links + "?done=drawn")
	g.get("", "/en/dialogues/som-2028/follow-up").wants(200, "This dialogue opens with", "Exercise dialogue 2027", "Austria: takes it up", "Narrowed in", "link drawn by editors", "Collect data, again.")

	var api apiFollowUp
	if err := json.Unmarshal(g.get("", "/api/v1/dialogues/som-2028/follow-up").wants(200).Body.Bytes(), &api); err != nil {
		t.Fatal(err)
	}
	if len(api.Points) != 1 || len(api.Opening) != 2 || api.Former != "som-2027" || api.Opening[0].Answers[0].Owner["en"].Text != "The sample ministry of data" || !api.Opening[0].Sample ||
		api.Opening[0].Says[0].Says != SaysTakesUp || *api.Opening[0].Deliveries[0].Confirmed != "2027-04-01" || api.Opening[0].Deliveries[1].Confirmed != nil || api.Opening[0].Cites[0] != input {
		t.Errorf("programs get %+v", api)
	}
	g.get("", "/api/v1/dialogues/none/follow-up").wants(404)

	// Taking back.
	g.post("at-one", desk, "edit", "0", "do", "withdraw", "number", "1", "reason", "").wants(422, "Say in a sentence")
	g.post("at-one", desk, "edit", "0", "do", "withdraw", "number", "1", "reason", "The plan was dropped.").leadsTo(desk + "?done=withdrawn")
	g.get("", "/en/points/"+string(data)).wants(200, "what was said was taken back on").without("sample ministry")

	g.get("coordinator", "/en/desk/bulletin?from=2027-04-01&to=2027-04-01&in=fr&form=markdown").wants(200, "Dialogue d’exercice 2027", "## ")
	g.get("coordinator", "/en/desk/bulletin?from=2027-04-01&to=2027-03-01").wants(422, "ends before it begins")
	g.get("contact", "/en/desk/bulletin").wants(403)
	if kind := g.get("officer", "/en/desk/bulletin?file=yes").wants(200).Header().Get("Content-Type"); kind != "text/plain; charset=utf-8" {
		t.Errorf("the file is %s", kind)
	}
}

func TestTable(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.publish()
	g.put("AT", "FR")
	at := "/en/desk/deliveries/som-2027"
	if kind := g.get("officer", at+"/table").wants(200).Header().Get("Content-Type"); !strings.Contains(kind, "spreadsheet") {
		t.Errorf("the table is %s", kind)
	}
	g.get("contact", at+"/table").wants(403)
	all := g.known(data).Deliveries
	csv := func(rows ...string) []byte {
		return []byte(strings.Join(append([]string{"Delivery,State,Confirmed on,Confirmed by"}, rows...), "\n"))
	}
	send := func(data []byte) answer { return g.upload("officer", at+"/table", "t.csv", data) }
	send(nil).wants(422, "Choose a file")
	send([]byte("a,b\n1,2\n")).wants(422, "The table needs the columns")
	send(csv(all[0].ID+",Austria,,")).wants(422, "No row has a day")
	send([]byte("PK\x03\x04nonsense")).wants(422, "Nothing was taken in")
	send(csv(all[0].ID+",Austria,2027-04-01,", all[1].ID+",France,2026-01-01,")).wants(422, "2026-01-01: It cannot be confirmed before")
	if got := says(g.known(data).Lines); got != "unconfirmed AT,FR; no-views" {
		t.Errorf("half of a wrong table was kept: %s", got)
	}
	send(csv("nothing,Austria,2027-04-01,")).wants(422, "Somebody else has changed this")
	send(csv(all[0].ID+",Austria,2027-04-01,Registry", all[1].ID+",France,,")).leadsTo(at + "?done=confirmed")
	send(csv(all[0].ID + ",Austria,2027-04-01,Registry")).leadsTo(at + "?done=none")
	if got := says(g.known(data).Lines); got != "silent AT; unconfirmed FR; no-views" {
		t.Errorf("after the table: %s", got)
	}
	// The table that is given comes back as it is.
	given := g.get("officer", at+"/table").wants(200).Body.Bytes()
	g.upload("officer", at+"/table", "t.xlsx", given).leadsTo(at + "?done=none")
	g.upload("at-one", at+"/table", "t.xlsx", given).wants(403)
}

func TestToday(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.publish()
	g.put("AT")
	today := func(actor party.Actor) (all []string) {
		t.Helper()
		g.read(func(tx *store.Tx) error {
			all = nil
			duties, err := g.room.Today(tx, &page.Request{Lang: locale.English}, actor)
			for _, d := range duties {
				all = append(all, d.Text+" "+d.Path)
			}
			return err
		})
		return all
	}
	for _, step := range []struct {
		name  string
		do    func()
		actor party.Actor
		want  []string
	}{
		{"the officer", func() {}, officer, []string{"2 deliveries to States are not confirmed /desk/deliveries"}},
		{"the State", func() {}, atOne, []string{"You can answer 2 points that were put to your State; nobody must /desk/points/AT"}},
		{"another State", func() {}, frOne, nil},
		{"a contact", func() {}, contact, nil},
		{"the second person", func() {
			g.must(g.room.SaveAnswer(t.Context(), atOne, data, "AT", 0, commitment()))
			g.must(g.room.HandAnswer(t.Context(), atOne, data, "AT", 1))
		}, atTwo, []string{"One answer waits for you as the second person /desk/points/AT", "You can answer one point that was put to your State; nobody must /desk/points/AT"}},
		{"the writer", func() {}, atOne, []string{"You can answer one point that was put to your State; nobody must /desk/points/AT"}},
		{"given back", func() { g.must(g.room.ReturnAnswer(t.Context(), atTwo, data, "AT", 2, "Why?")) }, atOne,
			[]string{"One draft was given back to you /desk/points/AT", "You can answer one point that was put to your State; nobody must /desk/points/AT"}},
	} {
		step.do()
		if got := today(step.actor); !slices.Equal(got, step.want) {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
	}
}

// TestWords holds that every word that is put together from parts stands in the catalogues, and that no word says "pending".
func TestWords(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	c := g.room.o.Catalogues
	var keys []string
	for _, s := range []Says{SaysWithdrawn, SaysUnput, SaysUnconfirmed, SaysSilent, SaysTakesUp, SaysTakesUpInPart, SaysDiffers, SaysInforms, SaysDeclines, SaysAnswerWithdrawn, SaysDue, SaysPast, SaysProgress, SaysViews, SaysNoViews} {
		keys = append(keys, "followup.says."+string(s))
	}
	for _, k := range AnswerKinds() {
		keys = append(keys, "followup.kind."+string(k), "followup.kind."+string(k)+".hint")
	}
	for _, s := range []Stage{Draft, Handed, Published, Withdrawn} {
		keys = append(keys, "followup.stage."+string(s))
	}
	for _, w := range Ways() {
		keys = append(keys, "followup.way."+string(w))
	}
	for _, r := range Relations() {
		keys = append(keys, "followup.relation."+string(r))
	}
	for _, k := range []ViewKind{OnPoint, OnCommitment, OnProgress} {
		keys = append(keys, "followup.view."+string(k))
	}
	for _, a := range []string{pointEntered, pointCorrected, pointWithdrawn, pointPut, deliveryConfirmed, answerPublished, answerWithdrawn, viewPublished, viewWithdrawn, linkDrawn, linkWithdrawn} {
		keys = append(keys, "followup.act."+a)
	}
	for _, f := range sheetFields {
		keys = append(keys, "followup.sheet."+f)
		if f != "evidence" {
			keys = append(keys, "followup.answer.missing."+f)
		}
	}
	for _, f := range tableFields {
		keys = append(keys, "followup.table."+f)
	}
	for _, all := range [][]string{deskDone, answerDone, deliveriesDone, viewDone, linkDone} {
		for _, d := range all {
			keys = append(keys, "followup.done."+d)
		}
	}
	for _, key := range append(keys, "followup.point.point", "followup.point.recommendation", "followup.view.commitment.of", "followup.view.progress.of", leftNowhere, leftOurs, leftComment, leftPoint, leftEdit, leftKind, leftWrong) {
		if !c.Has(key) {
			t.Errorf("no catalogue has %s", key)
		}
		if strings.Contains(strings.ToLower(c.Text(locale.English, key)), "pending") {
			t.Errorf("%s says pending", key)
		}
	}
}

// TestManyStates holds that the pages stay light where many points go to all States of a large mechanism, and that what is
// put together is confirmed together.
func TestManyStates(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.room.o.States = nil
	for i := range 190 {
		g.room.o.States = append(g.room.o.States, party.Named{ID: string([]byte{'A' + byte(i/26), 'A' + byte(i%26)}), Name: map[locale.Lang]string{locale.English: fmt.Sprintf("Sample State %03d", i)}})
	}
	var points []Point
	var ids []string
	for i := range 10 {
		id := fmt.Sprintf("summary/som-2027/block/p%d", i)
		ids = append(ids, id)
		points = append(points, Point{ID: PointID(id), Origin: "som-2027", Kind: MainPoint, Text: sampleWords(fmt.Sprintf("Point %d of many.", i), "", "")})
	}
	g.write(func(tx *store.Tx) error { return g.room.Put(tx, points) })
	n, err := g.room.PutToStates(t.Context(), officer, DeliveryData{Points: ids, All: true, Way: "note", Day: "2027-03-31"})
	if n != 1900 || err != nil {
		t.Fatalf("%d deliveries, %v", n, err)
	}
	for actor, path := range map[string]string{"officer": "/en/desk/deliveries/som-2027", "": "/en/points/" + ids[0], "coordinator": "/en/dialogues/som-2027/follow-up"} {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		if _, err := z.Write(g.get(actor, path).wants(200).Body.Bytes()); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if out.Len() > 60<<10 {
			t.Errorf("%s weighs %d bytes on the wire", path, out.Len())
		}
	}
	pairs := []string{"do", "confirm", "receipt-day", "2027-04-01"}
	for _, s := range g.room.o.States {
		pairs = append(pairs, "delivery", s.ID+" note 2027-03-31 ")
	}
	g.post("officer", "/en/desk/deliveries/som-2027", pairs...).leadsTo("/en/desk/deliveries/som-2027?done=confirmed")
	k := g.known(PointID(ids[9]))
	if len(k.Lines) != 2 || k.Lines[0].Says != SaysSilent || len(k.Lines[0].States) != 190 {
		t.Errorf("after all were confirmed: %+v", k.Lines)
	}
	g.get("", "/en/points/"+ids[9]).wants(200, "190 States: no answer is known here", "Sample State 189")
	if got := g.types(PointID(ids[9])); !slices.Equal(got, []string{"point.entered", "point.put", "delivery.confirmed"}) {
		t.Errorf("the record says %q", got)
	}
}
