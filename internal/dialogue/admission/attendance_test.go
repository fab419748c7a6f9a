package admission

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// The reports below have the form that the two tools write (the addresses of their documentation stand in
// attendance_read.go); the persons are samples.
const teamsEnglish = "1. Summary\r\nMeeting title\tSample dialogue\r\nAttended participants\t4\r\nStart time\t5/30/27, 9:58:00 AM\r\nEnd time\t5/30/27, 1:02:00 PM\r\nMeeting duration\t3h 4m\r\nAverage attendance time\t2h\r\n\r\n" +
	"2. Participants\r\nName\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole\r\n" +
	"Ada Sample\t5/30/27, 10:00:00 AM\t5/30/27, 1:00:00 PM\t2h 30m\tada@example.org\tada@example.org\tPresenter\r\n" +
	"[Sample House] Ben Sample (External)\t5/30/27, 10:00:00 AM\t5/30/27, 11:00:00 AM\t1h\t\t\tPresenter\r\n" +
	"Caller 4\t5/30/27, 10:05:30 AM\t5/30/27, 10:06:00 AM\t30s\t\t\tAttendee\r\n" +
	"Dora Sample (Unverified)\t5/30/27, 12:30:00 PM\t5/30/27, 1:00:00 PM\t30m\t\t\tAttendee\r\n\r\n" +
	"3. In-Meeting Activities\r\nName\tJoin Time\tLeave Time\tDuration\tEmail\tRole\r\n" +
	"Ada Sample\t5/30/27, 10:00:00 AM\t5/30/27, 11:00:00 AM\t1h\tada@example.org\tPresenter\r\n" +
	"Ada Sample\t5/30/27, 10:30:00 AM\t5/30/27, 12:00:00 PM\t1h 30m\tada@example.org\tPresenter\r\n" + // the telephone beside the laptop
	"Ada Sample\t5/30/27, 12:30:00 PM\t5/30/27, 1:00:00 PM\t30m\tada@example.org\tPresenter\r\n" +
	"[Sample House] Ben Sample (External)\t5/30/27, 10:00:00 AM\t5/30/27, 11:00:00 AM\t1h\t\tPresenter\r\n" +
	"Caller 4\t5/30/27, 10:05:30 AM\t5/30/27, 10:06:00 AM\t30s\t\tAttendee\r\n"

const teamsGerman = "1. Zusammenfassung\r\nBesprechungstitel\tBeispiel\r\n\r\n2. Teilnehmer\r\nName\tErster Beitritt\tLetztes Verlassen\tDauer\tE-Mail\tTeilnehmer-ID (UPN)\tRolle\r\n" +
	"Ada Sample\t30.05.27, 10:00:00\t30.05.27, 12:30:10\t2 Std. 30 Min. 10 s\tada@example.org\tada@example.org\tReferent\r\n"

const teamsSpanish = "1. Resumen\r\nTítulo de la reunión\tMuestra\r\n\r\n2. Participantes\r\nNombre\tPrimera entrada\tÚltima salida\tDuración de la reunión\tCorreo electrónico\tId. de participante (UPN)\tRol\r\n" +
	"Ada Sample\t30/5/27, 10:00:00\t30/5/27, 12:30:10\t2 h 30 min 10 s\tada@example.org\tada@example.org\tModerador\r\n"

const teamsPolish = "1. Podsumowanie\r\nTytuł\tPrzykład\r\n\r\n2. Uczestnicy\r\nImię i nazwisko\tPierwsze dołączenie\tOstatnie opuszczenie\tCzas trwania\tE-mail\tID\tRola\r\n" +
	"Ada Sample\t30.05.2027, 10:00:00\t30.05.2027, 12:30:10\t2 godz. 30 min 10 sek.\tada@example.org\tada@example.org\tPrelegent\r\n"

const teamsArabic = "1. الملخص\r\nعنوان الاجتماع\tنموذج\r\n\r\n2. المشاركون\r\nالاسم\tأول انضمام\tآخر مغادرة\tالمدة\tالبريد الإلكتروني\tالمعرّف\tالدور\r\n" +
	"Ada Sample\t٣٠/٠٥/٢٠٢٧, ١٠:٠٠:٠٠ ص\t٣٠/٠٥/٢٠٢٧, ١٢:٣٠:١٠ م\t٢ س ٣٠ د ١٠ ث\tada@example.org\tada@example.org\tمقدّم\r\n"

const teamsNames = "1. Summary\r\nMeeting title\tSample\r\n2. Participants\r\nName\tEmail\tRole\r\nAda Sample\tada@example.org\tPresenter\r\n"

const zoomEnglish = "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\r\n" +
	"852 1848 6288,Sample dialogue,05/30/2027 09:58:00 AM,05/30/2027 01:02:00 PM,host@example.org,184,3\r\n\r\n" +
	"Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent,In Waiting Room\r\n" +
	"Ada Sample,ada@example.org,05/30/2027 09:55:00 AM,05/30/2027 10:00:00 AM,5,No,,Yes\r\n" +
	"Ada Sample,ada@example.org,05/30/2027 10:00:00 AM,05/30/2027 11:00:00 AM,60,No,,No\r\n" +
	"Ada Sample,ADA@example.org,05/30/2027 10:30:00 AM,05/30/2027 12:00:00 PM,90,No,,No\r\n" +
	"Benny (Sample Ben),,05/30/2027 10:00:00 AM,05/30/2027 10:20:00 AM,20,Yes,,No\r\n"

const zoomFrench = "Nom (nom d'origine),E-mail de l'utilisateur,Heure d'arrivée,Heure de départ,Durée (minutes),Invité,Dans la salle d'attente\r\n" +
	"Ada Sample,ada@example.org,30/05/2027 10:00:00,30/05/2027 12:30:00,150,Non,Non\r\n"

const zoomUnique = "Name (Original Name),User Email,Total Duration (Minutes),Guest\r\nAda Sample,ada@example.org,150,No\r\n"

var may30 = time.Date(2027, 5, 30, 0, 0, 0, 0, time.UTC)

func rowsOf(t testing.TB, name string, body []byte) [][]string {
	t.Helper()
	rows, err := fileRows(name, body)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func utf16le(s string) []byte {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// TestReadReport reads what the tools write in several languages: the person was there for 2 hours and a half.
func TestReadReport(t *testing.T) {
	for _, c := range []struct {
		name, file  string
		body        []byte
		tool, title string
		people      int
		minutes     int // of the first person
		joins       int
		waited      int
	}{
		{"Teams, English", "r.csv", utf16le(teamsEnglish), ToolTeams, "Sample dialogue", 4, 150, 3, 0},
		{"Teams, English, UTF-8", "r.csv", []byte(teamsEnglish), ToolTeams, "Sample dialogue", 4, 150, 3, 0},
		{"Teams, German", "r.csv", utf16le(teamsGerman), ToolTeams, "Beispiel", 1, 150, 1, 0},
		{"Teams, Spanish", "r.csv", utf16le(teamsSpanish), ToolTeams, "Muestra", 1, 150, 1, 0},
		{"Teams, Polish", "r.csv", utf16le(teamsPolish), ToolTeams, "Przykład", 1, 150, 1, 0},
		{"Teams, Arabic", "r.csv", utf16le(teamsArabic), ToolTeams, "نموذج", 1, 150, 1, 0},
		{"Teams, who attended only", "r.csv", utf16le(teamsNames), ToolTeams, "Sample", 1, 0, 1, 0},
		{"Zoom, English", "r.csv", []byte(zoomEnglish), ToolZoom, "Sample dialogue", 2, 120, 2, 1},
		{"Zoom, French", "r.csv", []byte(zoomFrench), ToolZoom, "", 1, 150, 1, 0},
		{"Zoom, unique persons", "r.csv", []byte(zoomUnique), ToolZoom, "", 1, 150, 1, 0},
	} {
		r, err := ReadReport(rowsOf(t, c.file, c.body), may30)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		p := r.People[0]
		if r.Tool != c.tool || r.Title != c.title || len(r.People) != c.people || minutes(lasting(p.Spans, p.Loose)) != c.minutes || p.Joins != c.joins || r.Waited != c.waited {
			t.Errorf("%s: %s %q, %d people, the first %+v (%d minutes), %d waited", c.name, r.Tool, r.Title, len(r.People), p, minutes(lasting(p.Spans, p.Loose)), r.Waited)
		}
		if p.Name != "Ada Sample" || !strings.EqualFold(p.Email, "ada@example.org") {
			t.Errorf("%s: the first is %q <%s>", c.name, p.Name, p.Email)
		}
	}
}

// TestReadWorkbook reads the same report from a workbook.
func TestReadWorkbook(t *testing.T) {
	var sheet spreadsheet.Table
	sheet.Name = "Report"
	for line := range strings.SplitSeq(strings.TrimSpace(teamsEnglish), "\r\n") {
		var cells []spreadsheet.Cell
		for c := range strings.SplitSeq(line, "\t") {
			cells = append(cells, textCell(c))
		}
		if sheet.Columns == nil {
			sheet.Columns = []spreadsheet.Column{{Name: cells[0].Text}}
			continue
		}
		sheet.Rows = append(sheet.Rows, cells)
	}
	var out bytes.Buffer
	if err := spreadsheet.WriteXLSX(&out, sheet); err != nil {
		t.Fatal(err)
	}
	r, err := ReadReport(rowsOf(t, "r.xlsx", out.Bytes()), may30)
	if err != nil || len(r.People) != 4 || minutes(lasting(r.People[0].Spans, 0)) != 150 || r.People[3].Name != "Dora Sample (Unverified)" || minutes(lasting(r.People[3].Spans, 0)) != 30 {
		t.Errorf("the workbook gives %+v, %v", r, err)
	}
}

// TestDatesAreReadBothWays: a date that could be two is the one nearer to the dialogue.
func TestDatesAreReadBothWays(t *testing.T) {
	report := func(day string) []byte {
		return []byte("Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\r\nAda Sample,ada@example.org," + day + " 10:00:00," + day + " 11:00:00,60,No\r\n")
	}
	for _, c := range []struct {
		day  string
		near time.Time
		want string
	}{
		{"05/06/2027", time.Date(2027, 6, 5, 0, 0, 0, 0, time.UTC), "2027-06-05"},
		{"05/06/2027", time.Date(2027, 5, 6, 0, 0, 0, 0, time.UTC), "2027-05-06"},
		{"05/30/2027", time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), "2027-05-30"},
		{"30/05/2027", time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), "2027-05-30"},
		{"2027-05-30", may30, "2027-05-30"},
		{"30.05.2027", may30, "2027-05-30"},
	} {
		r, err := ReadReport(rowsOf(t, "r.csv", report(c.day)), c.near)
		if err != nil || r.Starts.Format("2006-01-02") != c.want {
			t.Errorf("%s near %s: %v, %v", c.day, c.near.Format("2006-01-02"), r, err)
		}
	}
}

func TestBadReports(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{"a\r\n", "file admission.report.unknown"},
		{"Name,Country\r\nAda Sample,Austria\r\n", "file admission.report.unknown"},
		{"Full Name\tUser Action\tTimestamp\r\nAda Sample\tJoined\t5/30/2027, 10:00:00 AM\r\n", "file admission.report.actions"},
		{"1. Summary\r\nMeeting title\tSample\r\n2. Participants\r\nName\tEmail\r\n", "file admission.report.nobody"},
	} {
		_, err := ReadReport(rowsOf(t, "r.csv", []byte(c.body)), may30)
		if key(err) != c.want {
			t.Errorf("%q: %v, want %s", c.body, err, c.want)
		}
	}
	if _, err := ReadReport(nil, may30); key(err) != "file admission.report.empty" {
		t.Errorf("no rows: %v", err)
	}
}

func TestUnion(t *testing.T) {
	at := func(m int) time.Time { return may30.Add(time.Duration(m) * time.Minute) }
	for _, c := range []struct {
		spans []Span
		want  int
	}{
		{nil, 0},
		{[]Span{{at(0), at(60)}, {at(30), at(90)}}, 90},
		{[]Span{{at(30), at(90)}, {at(0), at(60)}, {at(10), at(20)}}, 90},
		{[]Span{{at(0), at(10)}, {at(10), at(20)}, {at(40), at(50)}}, 30},
		{[]Span{{at(10), at(10)}, {at(20), at(5)}}, 0},
	} {
		if got := minutes(lasting(c.spans, 0)); got != c.want {
			t.Errorf("%v lasts %d, want %d", c.spans, got, c.want)
		}
	}
}

// TestMatches: only an address decides by itself; a name is a proposal; what is not clear is nobody's.
func TestMatches(t *testing.T) {
	p := func(id, name, email string) *Participant {
		return &Participant{ID: ParticipantID(id), Name: name, Email: party.Email(email), State: Active}
	}
	all := []*Participant{p("ada", "Ada Sample", "ada@example.org"), p("ben", "Sample Ben", ""), p("eve1", "Eve Sample", ""), p("eve2", "Eve Sample", ""), p("zoe", "Zoé Müller", ""), p("arab", "ليلى نموذج", "")}
	gone := p("gone", "Gone Sample", "gone@example.org")
	gone.State = Cancelled
	people := []Presence{{Name: "A. S.", Email: "ADA@example.org"}, {Name: "[House] Ben Sample (External)"}, {Name: "Eve Sample"}, {Name: "Zoe Muller (Guest)"}, {Name: "ليلى نموذج (Unverified)"},
		{Name: "Gone Sample", Email: "gone@example.org"}, {Name: "Ada Sample"}, {Name: "iPhone"}, {Name: ""}}
	want := []match{{"ada", byEmail}, {"ben", byName}, {}, {"zoe", byName}, {"arab", byName}, {}, {}, {}, {}}
	for i, m := range matches(people, append(all, gone)) {
		if m != want[i] {
			t.Errorf("%q <%s>: %+v, want %+v", people[i].Name, people[i].Email, m, want[i])
		}
	}
	twice := matches([]Presence{{Name: "Ben Sample"}, {Name: "Ben (Sample Ben)"}}, all)
	if twice[0] != (match{}) || twice[1] != (match{}) {
		t.Errorf("two who bear one name: %+v", twice)
	}
}

// TestAttendance takes reports in, lets the officer decide, and counts nothing twice.
func TestAttendance(t *testing.T) {
	g := newSQLiteRig(t)
	ada := g.registered(sampleApplication{Persons: []map[string]string{{"name": "Ada Sample", "email": "ada@example.org", "mode": "online"}, {"name": "Ben Sample", "email": "ben@example.org", "mode": "in_person"}}})
	absent := g.registered(sampleApplication{})
	b := g.officer()
	const path = "/desk/dialogues/som-2027/attendance"
	b.upload(path, "", nil, nil).wants(422, "Choose a file")
	b.upload(path, "r.csv", []byte("not,a,report\r\n1,2,3\r\n"), nil).wants(422, "not a report of attendance")
	b.upload(path, "r.xls", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"), nil).wants(422, "Save it as .xlsx")
	teams := b.upload(path, "teams.csv", utf16le(teamsEnglish), nil)
	if teams.Code != 303 {
		teams.wants(303)
	}
	report := strings.TrimPrefix(teams.Header().Get("Location"), "/en")
	b.upload(path, "again.csv", utf16le(teamsEnglish), nil).wants(422, "taken in already")
	shown := b.get(report).wants(200, "The same name", "Ben Sample (External)", "Not matched", "Caller 4", "Dora Sample", "Nothing counts yet")
	if all := g.participants(); all[0].Remote != 0 || all[1].Attended != "" {
		t.Errorf("something counts before anybody has decided: %+v", all)
	}
	form := inputs(shown.Body.String())
	form.Set("who-3", "somebody")
	form.Set("act", "apply")
	b.post(report, form).wants(422, "Choose somebody from the list", `value="somebody"`)
	form.Set("who-3", "")
	b.post(report, form).leadsTo("/en" + report + "?done=applied")
	zoom := b.upload(path, "zoom.csv", []byte(zoomEnglish), nil)
	second := strings.TrimPrefix(zoom.Header().Get("Location"), "/en")
	form = inputs(b.get(second).wants(200).Body.String())
	form.Set("act", "apply")
	b.post(second, form).leadsTo("/en" + second + "?done=applied")
	got := map[string]int{}
	for _, p := range g.participants() {
		got[p.Name] = p.Remote
	}
	// Both reports are of the same morning: what they agree on counts once.
	if got["Ada Sample"] != 150 || got["Ben Sample"] != 60 {
		t.Errorf("the minutes are %v", got)
	}
	if state, _ := g.stands(ada); state != application.Attended {
		t.Errorf("the organisation whose persons came stands at %s", state)
	}
	if state, _ := g.stands(absent); state != application.Registered {
		t.Errorf("the organisation whose persons did not come stands at %s", state)
	}
	// By hand for the room; a report that is taken out takes its minutes along.
	for _, p := range g.participants() {
		if p.Name == "Ben Sample" {
			if err := g.room.SetAttendance(t.Context(), officer, p.ID, p.Version, Both); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.post(report, map[string][]string{"act": {"drop"}}).leadsTo("/en" + path + "?done=dropped")
	b.post(second, map[string][]string{"act": {"drop"}}).leadsTo("/en" + path + "?done=dropped")
	for _, p := range g.participants() {
		if p.Remote != 0 || p.Name == "Ada Sample" && p.Attended != "" || p.Name == "Ben Sample" && p.Attended != InRoom {
			t.Errorf("after the reports were taken out %s has %d minutes, %q", p.Name, p.Remote, p.Attended)
		}
	}
	g.read(func(tx *store.Tx) error {
		left, err := g.room.attendances(tx, som)
		if len(left) != 0 {
			t.Errorf("%d reports are left", len(left))
		}
		return err
	})
}

// FuzzReadReport: whatever the file says, the answer is a report with sound times or a refusal in words.
func FuzzReadReport(f *testing.F) {
	for _, s := range []string{teamsEnglish, teamsGerman, teamsArabic, teamsNames, zoomEnglish, zoomFrench, zoomUnique, "1. a\n2. b\n", "Name,x\na,1\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		rows, err := fileRows("r.csv", body)
		if err != nil {
			return
		}
		r, err := ReadReport(rows, may30)
		if err != nil {
			if !strings.HasPrefix(key(err), "file admission.report.") {
				t.Fatalf("%v is not in words", err)
			}
			return
		}
		for _, p := range r.People {
			if lasting(p.Spans, p.Loose) < 0 || p.Loose < 0 || p.Joins < 1 {
				t.Fatalf("%+v", p)
			}
			for i, s := range p.Spans {
				if !s.To.After(s.From) || i > 0 && !s.From.After(p.Spans[i-1].To) {
					t.Fatalf("the spans overlap: %v", p.Spans)
				}
			}
		}
		_ = fmt.Sprint(matches(r.People, nil))
	})
}

// FuzzReadDuration: what is read is never negative and never longer than a week.
func FuzzReadDuration(f *testing.F) {
	for _, s := range []string{"1h 2m 3s", "2 Std. 30 Min. 10 s", "2 godz. 30 min 10 sek.", "٢ س ٣٠ د", "3s 2h", "999999h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, ok := readDuration(s); ok && (d < 0 || d > maxMinutes*time.Minute) {
			t.Fatalf("%q lasts %v", s, d)
		}
	})
}
