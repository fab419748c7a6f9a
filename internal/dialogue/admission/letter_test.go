package admission

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"rostrum.example/format/docx"
	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/job"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/mail"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

func template(t testing.TB, text ...string) []byte {
	t.Helper()
	d := &docx.Document{Language: "en"}
	for _, one := range text {
		d.Blocks = append(d.Blocks, &docx.Paragraph{Runs: []docx.Run{{Text: one}}})
	}
	var out bytes.Buffer
	if err := docx.Write(&out, d); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestBuiltInTemplates: every letter in every language has only fields that it knows, and says when it is a sample.
func TestBuiltInTemplates(t *testing.T) {
	g := newSQLiteRig(t)
	for _, l := range letters {
		for _, lang := range locale.Langs {
			file, err := g.room.builtInFile(l, lang)
			if err != nil {
				t.Fatal(err)
			}
			if err := checkTemplate(l, file); err != nil {
				t.Errorf("%s in %s: %v", l, lang, err)
			}
			tpl, err := g.room.builtIn(l, lang)
			if err != nil || !hasField(tpl, "sample") || !hasField(tpl, "reference") {
				t.Errorf("%s in %s has fields %v, %v", l, lang, tpl.Fields(), err)
			}
			if d, err := docx.Read(bytes.NewReader(file)); err != nil || d.Language != string(lang) {
				t.Errorf("%s in %s is in %q, %v", l, lang, d.Language, err)
			}
		}
	}
}

func TestTemplates(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.officer()
	set := func(body []byte, pairs ...string) answer {
		g.pass(time.Second)
		form := url.Values{"letter": {"acceptance"}, "lang": {"en"}}
		for i := 0; i+1 < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		return b.upload("/desk/letters", "ours.docx", body, form)
	}
	b.get("/desk/letters").wants(200, "Templates of letters", "built-in", "<code>organisation</code>")
	set([]byte("no document")).wants(422, "not a Word document")
	set(template(t, "Dear {{organisaton}},", "{{reason}}")).wants(422, "no field “organisaton” (paragraph 1)", "no field “reason” (paragraph 2)")
	set(template(t, "Dear all")).wants(422, "has no fields")
	set(template(t, "{{#persons}} {{name}}")).wants(422, "persons has no end")
	set(template(t, "{{name}}"), "letter", "poem").wants(404)
	g.registered(sampleApplication{})
	set(template(t, "OURS: dear {{organisation}}")).leadsTo("/en/desk/letters?done=template")
	// The papers of a sample say so: a template without a place for it is not used for one.
	b.get("/desk/dialogues/som-2027/papers/acceptance").wants(200, "Sample Organisation 001", "was granted on 23 November 2026").without("OURS")
	set(template(t, "OURS: dear {{organisation}}. {{sample}}")).leadsTo("/en/desk/letters?done=template")
	b.get("/desk/dialogues/som-2027/papers/acceptance").wants(200, "OURS: dear Sample Organisation 001. This is a sample")
	a := b.get("/desk/letters/acceptance/en").wants(200)
	if text, err := paragraphs(a.Body.Bytes()); err != nil || len(text) != 1 {
		t.Errorf("the template in use is %v, %v", text, err)
	}
	set(nil, "act", "builtin").leadsTo("/en/desk/letters?done=templatedropped")
	b.get("/desk/dialogues/som-2027/papers/acceptance").wants(200, "was granted on")
}

var letterLink = regexp.MustCompile(`/(en|fr|ar)(/letters\?key=\S+)`)

func TestLetters(t *testing.T) {
	g := newSQLiteRig(t)
	open := g.registered(sampleApplication{Name: "Open House", Persons: []map[string]string{{"name": "Ada Sample", "function": "Director", "email": "ada@example.org", "mode": "in_person"}}})
	arabic := g.registered(sampleApplication{Name: "بيت النموذج", Lang: locale.Arabic, Listing: application.Secretariat})
	declined := g.apply(sampleApplication{Name: "Declined House"})
	g.bring(declined, application.CompletenessCheck, application.WithBureau)
	if got := g.take(member, declined, application.Objected, "objector", "AT", "made", "2026-11-20", "reply_by", "2026-12-10"); got != "" {
		t.Fatal(got)
	}
	g.bring(declined, application.Declined)
	b := g.officer()
	const path = "/desk/dialogues/som-2027/papers/"
	b.get("/desk/dialogues/som-2027/papers").wants(200, "Letter of acceptance", "Certificate of participation")
	b.get(path + "poem").wants(404)
	b.post(path+"acceptance", url.Values{"act": {"send"}}).wants(422, "Tick at least one letter")
	b.get(path+"regret").wants(200, "Declined House", "The reason given: Sample reason.").without("Open House")
	to := url.Values{"to": {string(open), string(arabic), "nobody"}}
	with := func(act string) url.Values { to.Set("act", act); return to }

	// As files.
	body := b.post(path+"acceptance", with("zip")).wants(200).Body.Bytes()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil || len(z.File) != 2 || !strings.HasPrefix(z.File[0].Name, "open-house-") {
		t.Fatalf("the archive: %v, %v", z.File, err)
	}
	// As a mail merge.
	merge := b.post(path+"acceptance", with("merge")).wants(200).Body.Bytes()
	book, err := spreadsheet.Read("m.xlsx", bytes.NewReader(merge), int64(len(merge)), spreadsheet.Limits{})
	if err != nil || len(book.Sheets[0].Rows) != 2 || book.Sheets[0].Columns[0].Name != "email" {
		t.Errorf("the merge: %+v, %v", book, err)
	}
	// By mail, with a personal link; who is not listed in public gets a message that says nothing.
	g.drop()
	b.post(path+"acceptance", with("send")).leadsTo("/en" + path + "acceptance?done=sent")
	m := g.last("contact001@example.org")
	if !m.Secret || !strings.Contains(m.Text, "Open House") || !strings.Contains(m.Text, "This is a sample") {
		t.Errorf("the message is %q\n%s", m.Subject, m.Text)
	}
	quiet := g.last("contact002@example.org")
	if strings.Contains(quiet.Text, "النموذج") && strings.Contains(quiet.Text, "بيت") || strings.Contains(quiet.Text, "حوار بشأن") || quiet.Lang != locale.Arabic {
		t.Errorf("the message to somebody who is not listed is %q\n%s", quiet.Subject, quiet.Text)
	}
	if len(g.mail) != 2 {
		t.Errorf("%d messages", len(g.mail))
	}
	link := letterLink.FindStringSubmatch(m.Text)
	reader := g.browser()
	shown := reader.get(link[2]).wants(200, "Letter of acceptance", "Open House", "31 December 2027")
	if cache := shown.Header().Get("Cache-Control"); cache != "no-store" {
		t.Errorf("the page of a letter may be kept: %q", cache)
	}
	text, err := paragraphs(reader.get(link[2] + "&file=1").wants(200).Body.Bytes())
	if said := strings.Join(text, "\n"); err != nil || !strings.Contains(said, "Ada Sample, Director (In the room)") || !strings.Contains(said, "You are invited") {
		t.Errorf("the letter says %s, %v", said, err)
	}
	one := reader.get(link[2] + "&file=1").Body.Bytes()
	if two := reader.get(link[2] + "&file=1").Body.Bytes(); !bytes.Equal(one, two) {
		t.Error("the letter is another one each time")
	}
	reader.get("/letters?key=nonsense").wants(404, "leads to no letter")
	reader.get("/letters").wants(404)
	b.get(path+"acceptance").wants(200, "Sent <time")
	arabicLetter := letterLink.FindStringSubmatch(quiet.Text)
	reader.lang = arabicLetter[1]
	text, err = paragraphs(reader.get(arabicLetter[2] + "&file=1").wants(200).Body.Bytes())
	if err != nil || !strings.Contains(strings.Join(text, "\n"), "دعوة إلى المشاركة") {
		t.Errorf("the Arabic letter says %v, %v", text, err)
	}
	// With the letter in the message, for those who are listed in public alone.
	g.drop()
	b.post(path+"acceptance", with("attach")).leadsTo("/en" + path + "acceptance?done=sent")
	if m := g.last("contact001@example.org"); len(m.Attachments) != 1 || !strings.HasSuffix(m.Attachments[0].Name, ".docx") || !bytes.Equal(m.Attachments[0].Body, one) {
		t.Errorf("the message has %d attachments", len(m.Attachments))
	}
	if m := g.last("contact002@example.org"); len(m.Attachments) != 0 {
		t.Error("a message to somebody who is not listed carries a letter")
	}
	// Erased with the application.
	g.write(func(tx *store.Tx) error { return g.room.Erase(tx, open) })
	reader.lang = "en"
	reader.get(link[2]).wants(404)
}

func TestCertificates(t *testing.T) {
	g := newSQLiteRig(t)
	id := g.registered(sampleApplication{Name: "Open House", Persons: []map[string]string{{"name": "Ada Sample", "function": "Director", "email": "ada@example.org", "mode": "in_person"}, {"name": "Ben Sample", "email": "ben@example.org", "mode": "in_person"}}})
	var ada *Participant
	for _, p := range g.participants() {
		if p.Name == "Ada Sample" {
			ada = p
		}
	}
	if err := g.room.SetAttendance(t.Context(), officer, ada.ID, ada.Version, InRoom); err != nil {
		t.Fatal(err)
	}
	b := g.officer()
	const path = "/desk/dialogues/som-2027/papers/certificate"
	b.get(path).wants(200, "Ada Sample").without("Ben Sample")
	b.post(path, url.Values{"act": {"issue"}, "to": {string(ada.ID)}}).leadsTo("/en" + path + "?done=certificates")
	if state, _ := g.stands(id); state != application.CertificateIssued {
		t.Errorf("the application stands at %s", state)
	}
	ada = g.participants()[0]
	if ada.Name != "Ada Sample" {
		ada = g.participants()[1]
	}
	if !regexp.MustCompile(`^SOM-2027-[2-9A-Z]{5}-[2-9A-Z]{5}$`).MatchString(ada.Certificate) {
		t.Fatalf("the number is %q", ada.Certificate)
	}
	b.post(path, url.Values{"act": {"issue"}, "to": {string(ada.ID)}})
	g.drop()
	b.post(path, url.Values{"act": {"send"}, "to": {string(ada.ID)}}).leadsTo("/en" + path + "?done=sent")
	anybody := g.browser()
	anybody.get("/certificates/"+strings.ToLower(ada.Certificate)).wants(200, "was issued on 23 November 2026", "Dialogue on the smuggling of migrants", "This is a sample").without("Ada Sample", "Open House")
	anybody.get("/certificates/SOM-2027-AAAAA-AAAAA").wants(404, "No certificate with this number")
	// The holder says whether the name is shown.
	link := letterLink.FindStringSubmatch(g.last("ada@example.org").Text)[2]
	key, _ := url.QueryUnescape(strings.TrimPrefix(link, "/letters?key="))
	anybody.get(link).wants(200, "not your name", ada.Certificate)
	anybody.post("/letters", url.Values{"key": {key}, "show": {"yes"}}).leadsTo("/en/letters?key=" + key + "&done=shown")
	anybody.get("/certificates/"+ada.Certificate).wants(200, "Ada Sample")
	anybody.post("/letters", url.Values{"key": {key}, "show": {"no"}})
	anybody.get("/certificates/" + ada.Certificate).wants(200).without("Ada Sample")
	anybody.post("/letters", url.Values{"key": {"nonsense"}, "show": {"yes"}}).wants(404)
	// After the erasure the number still holds, and nobody's name can come back.
	g.write(func(tx *store.Tx) error { return g.room.Erase(tx, id) })
	anybody.get("/certificates/"+ada.Certificate).wants(200, "was issued")
}

// outbox queues messages as the house does.
type outbox struct{ *mail.Outbox }

func (o outbox) Queue(tx *store.Tx, org store.Org, m party.Message) error {
	to, err := mail.ParseAddress(string(m.To))
	if err != nil {
		return err
	}
	_, err = o.Outbox.Queue(tx, org, mail.Message{To: to, Subject: m.Subject, Text: m.Text, Lang: string(m.Lang), Secret: m.Secret, Until: m.Until, Erases: m.Until})
	return err
}

// BenchmarkSend queues letters to 5,000 persons in the outbox of an instance with a mail server: the aim is a second.
func BenchmarkSend(b *testing.B) {
	g := newSQLiteRig(b)
	g.room.o.Mail = outbox{mail.New(mail.Options{DB: g.db, Jobs: job.NewQueue(rand.Reader), Server: &mail.Server{Host: "localhost", Port: 25}, Now: g.clock, Random: rand.Reader})}
	var to []string
	g.write(func(tx *store.Tx) error {
		for i := range 5000 {
			p := &Participant{Dialogue: som, Kind: Stakeholder, Body: fmt.Sprintf("Organisation %d", i), Name: fmt.Sprintf("Person %d", i), Email: "person@example.org", Mode: InRoom, Listing: application.Public, Number: 1}
			if err := g.room.newParticipant(tx, p); err != nil {
				return err
			}
			to = append(to, string(p.ID))
		}
		return nil
	})
	b.ResetTimer()
	for range b.N {
		g.drop()
		n, err := g.room.SendLetters(b.Context(), officer, som, Visa, to, Delivery{})
		if err != nil || n != 5000 {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(5000*b.N)/b.Elapsed().Seconds(), "letters/s")
}
