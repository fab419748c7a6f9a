package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rostrum.example/internal/app"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
	"rostrum.example/internal/testrig"
)

// TestSetUp walks the set-up page as an operator does: the link, a form with mistakes that keeps what was typed,
// the same form mended, and the running instance.
func TestSetUp(t *testing.T) {
	rig := testrig.Empty(t)
	if resp := rig.Get(t, "/"); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("an instance that is not set up answers %d", resp.StatusCode)
	}
	if resp := rig.Get(t, "/setup"); resp.StatusCode != http.StatusForbidden {
		t.Errorf("the set-up page without its key answers %d", resp.StatusCode)
	}
	link := rig.App.Ready(nil).Links[0].URL
	key := regexp.MustCompile(`key=([a-z0-9]+)`).FindStringSubmatch(link)[1]
	for _, lang := range []string{"en", "fr", "ar"} {
		resp := rig.Get(t, "/"+lang+"/setup?key="+key)
		if html := body(t, resp); resp.StatusCode != http.StatusOK || !strings.Contains(html, `name="operator"`) {
			t.Fatalf("the set-up page in %s answers %d", lang, resp.StatusCode)
		}
	}
	form := url.Values{
		"key": {key}, "operator": {"A sample \u202esecretariat"}, "contact": {"not an address"}, "profile": {"pirates"},
		"preset": {"nothing"}, "address": {"dialogue.example.org"}, "server": {"mail"}, "from": {""}, "name": {""}, "email": {"x"},
		"record": {"yes"},
	}
	resp := post(t, rig, "/en/setup", form)
	html := body(t, resp)
	if resp.StatusCode != http.StatusUnprocessableEntity {
		t.Fatalf("a form full of mistakes answers %d", resp.StatusCode)
	}
	for _, field := range []string{"operator", "contact", "profile", "preset", "languages", "address", "server", "from", "name", "email"} {
		if !strings.Contains(html, `href="#`+field+`"`) {
			t.Errorf("the mistake in %s is not named", field)
		}
	}
	if !strings.Contains(html, `value="dialogue.example.org"`) {
		t.Error("what was typed is lost")
	}
	form = url.Values{
		"key": {key}, "operator": {"A sample secretariat"}, "contact": {"corrections@example.org"}, "profile": {"secretariat"},
		"preset": {"untoc"}, "languages": {"en", "ar"}, "address": {"https://dialogue.example.org"}, "backup": {filepath.Join(rig.Dir, "backups")},
		"name": {"A sample officer"}, "email": {"officer@example.org"}, "record": {"yes"},
	}
	resp = post(t, rig, "/en/setup", form)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("the mended form answers %d: %s", resp.StatusCode, body(t, resp))
	}
	if html := body(t, rig.Get(t, "/en/", "Host", "dialogue.example.org")); !strings.Contains(html, "A sample secretariat") || !strings.Contains(html, "Data and evidence") {
		t.Error("the instance does not show its operator or the published record")
	}
	if html := body(t, rig.Get(t, "/en/")); strings.Contains(html, `href="/fr/"`) || !strings.Contains(html, `href="/ar/"`) || !strings.Contains(html, "mailto:corrections@example.org") {
		t.Error("the pages offer a language that was not chosen, or do not say where to write")
	}
	if resp := rig.Get(t, "/", "Accept-Language", "fr"); resp.Header.Get("Content-Language") != "en" {
		t.Error("a language that is not offered is answered in itself")
	}
	if resp := post(t, rig, "/en/setup", form); resp.StatusCode != http.StatusNotFound && resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("setting up twice answers %d", resp.StatusCode)
	}
	if checkpoint := body(t, rig.Get(t, "/log/checkpoint")); !strings.HasPrefix(checkpoint, "dialogue.example.org/log\n") {
		t.Errorf("the record is called %q", checkpoint)
	}
}

// TestSecondMechanism holds that another mechanism needs no code: the corruption convention's preset is set up
// and its pages answer.
func TestSecondMechanism(t *testing.T) {
	rig := testrig.Empty(t)
	link, err := url.Parse(rig.App.Ready(nil).Links[0].URL)
	if err != nil {
		t.Fatal(err)
	}
	resp := post(t, rig, "/en/setup", url.Values{
		"key": {link.Query().Get("key")}, "operator": {"A sample coalition"}, "profile": {"coalition"}, "preset": {"uncac"},
		"languages": {"en"}, "address": {"https://reviews.example.org"}, "name": {"A sample officer"}, "email": {"officer@example.org"}, "record": {"yes"},
	})
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("setting up answers %d: %s", resp.StatusCode, body(t, resp))
	}
	html := body(t, rig.Get(t, "/en/"))
	if !strings.Contains(html, "Corruption") || strings.Contains(html, "Smuggling") {
		t.Error("the first page is not of the corruption convention")
	}
}

func post(t *testing.T, rig *testrig.Rig, path string, form url.Values) *http.Response {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, rig.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// closed makes an instance with the published record and closes it.
func closed(t *testing.T) app.Options {
	t.Helper()
	o := app.Options{Dir: filepath.Join(t.TempDir(), "instance"), Clock: testrig.NewClock().Now}
	a, err := app.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Demo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestBackupAndRestore(t *testing.T) {
	o := closed(t)
	var file bytes.Buffer
	summary, err := app.Backup(t.Context(), o, &file)
	if err != nil {
		t.Fatal(err)
	}
	if summary.Entries == 0 {
		t.Error("the backup holds no entries")
	}
	name := filepath.Join(t.TempDir(), "a.backup")
	if err := os.WriteFile(name, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	there := o
	there.Dir = filepath.Join(t.TempDir(), "elsewhere")
	if _, err := app.Restore(t.Context(), there, name, ""); err != nil {
		t.Fatal(err)
	}
	report, err := app.Verify(t.Context(), app.VerifyOptions{Target: there.Dir})
	if err != nil || !report.Verified {
		t.Fatalf("the restored instance does not verify: %v\n%s", err, report)
	}
	a, err := app.Open(t.Context(), there)
	if err != nil {
		t.Fatal(err)
	}
	var exported bytes.Buffer
	if err := a.ExportDialogue(t.Context(), "som-2022", &exported); err != nil {
		t.Error(err)
	}
	a.Close()

	t.Run("not empty", func(t *testing.T) {
		if _, err := app.Restore(t.Context(), there, name, ""); !errors.Is(err, app.ErrInput) {
			t.Errorf("restoring over an instance gives %v", err)
		}
	})
	t.Run("changed bytes", func(t *testing.T) {
		for at := 100; at < file.Len(); at += file.Len() / 23 {
			broken := bytes.Clone(file.Bytes())
			broken[at] ^= 0x20
			bad := filepath.Join(t.TempDir(), "bad.backup")
			if err := os.WriteFile(bad, broken, 0o600); err != nil {
				t.Fatal(err)
			}
			dir := o
			dir.Dir = filepath.Join(t.TempDir(), "x")
			if _, err := app.Restore(t.Context(), dir, bad, ""); err == nil {
				// A flipped bit in a zip's time stamps changes nothing that is restored; then it must verify.
				if report, err := app.Verify(t.Context(), app.VerifyOptions{Target: dir.Dir}); err != nil || !report.Verified {
					t.Errorf("a backup changed at byte %d was restored and does not verify", at)
				}
				continue
			}
			if left, _ := filepath.Glob(dir.Dir + "*"); len(left) > 0 {
				t.Errorf("a refused restore left %v behind", left)
			}
		}
	})
	t.Run("cut off", func(t *testing.T) {
		bad := filepath.Join(t.TempDir(), "bad.backup")
		if err := os.WriteFile(bad, file.Bytes()[:file.Len()-50], 0o600); err != nil {
			t.Fatal(err)
		}
		dir := o
		dir.Dir = filepath.Join(t.TempDir(), "x")
		if _, err := app.Restore(t.Context(), dir, bad, ""); !errors.Is(err, app.ErrInput) {
			t.Errorf("a backup that was cut off gives %v", err)
		}
	})
	t.Run("newer checkpoint", func(t *testing.T) {
		// After the backup the record goes on; the old backup must then be refused.
		a, err := app.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		body := bytes.Replace(exported.Bytes(), []byte("Francesco Testa"), []byte("A Sample Chair"), 1)
		if _, err := a.ImportDialogues(t.Context(), []app.NamedFile{{Name: "changed.json", Body: body}}, app.ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		a.Close()
		dir := o
		dir.Dir = filepath.Join(t.TempDir(), "x")
		_, err = app.Restore(t.Context(), dir, name, filepath.Join(o.Dir, "record.checkpoint"))
		if !errors.Is(err, app.ErrRecord) {
			t.Errorf("a backup older than the newest checkpoint gives %v", err)
		}
	})
}

// TestOldDatabase holds that a program that finds a database older than what was published refuses to start.
func TestOldDatabase(t *testing.T) {
	o := closed(t)
	old, err := os.ReadFile(filepath.Join(o.Dir, "rostrum.db"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var exported bytes.Buffer
	if err := a.ExportDialogue(t.Context(), "som-2022", &exported); err != nil {
		t.Fatal(err)
	}
	body := bytes.Replace(exported.Bytes(), []byte("Francesco Testa"), []byte("A Sample Chair"), 1)
	result, err := a.ImportDialogues(t.Context(), []app.NamedFile{{Name: "changed.json", Body: body}}, app.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if d := result.Dialogues[0]; d.Revised != 1 || d.Entered != 0 || d.Withdrawn != 0 {
		t.Errorf("one changed name gives %+v", d)
	}
	a.Close()
	if err := os.WriteFile(filepath.Join(o.Dir, "rostrum.db"), old, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Open(t.Context(), o); !errors.Is(err, app.ErrRecord) || !errors.Is(err, ledger.ErrRolledBack) {
		t.Errorf("a database from the past gives %v", err)
	}
}

func TestSecondProgram(t *testing.T) {
	rig := testrig.Demo(t)
	_, err := app.Open(t.Context(), app.Options{Dir: rig.Dir})
	if !errors.Is(err, app.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("a second program on the folder gives %v", err)
	}
	// Reading beside it is fine.
	var file bytes.Buffer
	if _, err := app.Backup(t.Context(), app.Options{Dir: rig.Dir}, &file); err != nil {
		t.Error(err)
	}
	if report, err := app.Verify(t.Context(), app.VerifyOptions{Target: rig.Dir}); err != nil || !report.Verified {
		t.Errorf("verifying beside a running program: %v %s", err, report)
	}
	if report, err := app.Verify(t.Context(), app.VerifyOptions{Target: rig.URL}); err != nil || !report.Verified {
		t.Errorf("verifying a running program: %v %s", err, report)
	}
}

// TestChangedWords changes what the pages show behind the record's back; verification names the entry, and
// so does a change of the entry itself.
func TestChangedWords(t *testing.T) {
	for _, test := range []struct{ name, sql, want string }{
		{"page", "update dialogue_item set body = replace(body, 'push factors', 'pull factors') where dialogue = 'som-2022' and id = 'data-and-evidence'", "som-2022/data-and-evidence"},
		{"text", "update log_text set body = cast(replace(cast(body as text), 'push factors', 'pull factors') as blob) where cast(body as text) like '%push factors%'", "entry"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := closed(t)
			change(t, o, test.sql)
			report, err := app.Verify(t.Context(), app.VerifyOptions{Target: o.Dir})
			if err != nil {
				t.Fatal(err)
			}
			if report.Verified || !strings.Contains(report.String(), test.want) {
				t.Errorf("changed words are reported as:\n%s", report)
			}
		})
	}
}

// TestClockJumps holds that a clock that jumps back or ahead stops nothing.
func TestClockJumps(t *testing.T) {
	rig := testrig.Demo(t)
	for _, by := range []time.Duration{-48 * time.Hour, 96 * time.Hour, -time.Second} {
		rig.Clock.Turn(by)
		var exported bytes.Buffer
		if err := rig.App.ExportDialogue(context.Background(), "som-2023", &exported); err != nil {
			t.Fatal(err)
		}
		body := bytes.Replace(exported.Bytes(), []byte(`"number": 4`), []byte(fmt.Sprintf(`"number": %d4`, 1+int(by.Hours()+100)%9)), 1)
		if _, err := rig.App.ImportDialogues(context.Background(), []app.NamedFile{{Name: "x.json", Body: body}}, app.ImportOptions{}); err != nil {
			t.Fatalf("after a jump by %s: %v", by, err)
		}
		if report, err := app.Verify(context.Background(), app.VerifyOptions{Target: rig.URL}); err != nil || !report.Verified {
			t.Fatalf("after a jump by %s: %v %s", by, err, report)
		}
		if resp := rig.Get(t, "/en/dialogues/som-2023"); resp.StatusCode != http.StatusOK {
			t.Errorf("after a jump by %s the page answers %d", by, resp.StatusCode)
		}
	}
}

// TestUpgrade opens an instance whose database an older program wrote: it is backed up before it is changed.
func TestUpgrade(t *testing.T) {
	o := closed(t)
	change(t, o, append(dropped(t, 5), "delete from schema_version where version >= 5")...)
	a, err := app.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	a.Close()
	made, _ := filepath.Glob(filepath.Join(o.Dir, "backups", "before-schema-*.backup"))
	if len(made) != 1 {
		t.Fatalf("the upgrade made the backups %v", made)
	}
	there := o
	there.Dir = filepath.Join(t.TempDir(), "there")
	if _, err := app.Restore(t.Context(), there, made[0], ""); err != nil {
		t.Errorf("the backup made before the upgrade cannot be restored: %v", err)
	}
}

func TestNewerDatabase(t *testing.T) {
	o := closed(t)
	change(t, o, "insert into schema_version (version, name) values (9999, 'from the future')")
	_, err := app.Open(t.Context(), o)
	if !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), "9999") {
		t.Errorf("a database from the future gives %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(o.Dir, "backups", "*")); len(left) > 0 {
		t.Errorf("it left %v behind", left)
	}
}

// change changes an instance's database behind the program's back.
func change(t *testing.T, o app.Options, statements ...string) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + filepath.Join(o.Dir, "rostrum.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		for _, s := range statements {
			res, err := tx.Exec(s)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err == nil && n == 0 && strings.HasPrefix(s, "update") {
				return errors.New("nothing was changed")
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestEngines runs a whole instance on each engine, and brings a backup from each back on SQLite.
func TestEngines(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		o := app.Options{Dir: filepath.Join(t.TempDir(), "instance"), Database: url, Clock: testrig.NewClock().Now}
		a, err := app.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		if err := a.Demo(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/en/", "/ar/dialogues", "/en/dialogues/som-2022/points/data-and-evidence/trace", "/en/record", "/en/record/51", "/log/checkpoint", "/api/v1/dialogues"} {
			w := httptest.NewRecorder()
			a.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
			if w.Code != http.StatusOK {
				t.Errorf("%s answers %d", path, w.Code)
			}
		}
		name := filepath.Join(t.TempDir(), "a.backup")
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := app.Backup(t.Context(), o, f); err != nil {
			t.Fatal(err)
		}
		there := app.Options{Dir: filepath.Join(t.TempDir(), "there")}
		if _, err := app.Restore(t.Context(), there, name, filepath.Join(o.Dir, "record.checkpoint")); err != nil {
			t.Error(err)
		}
		if report, err := app.Doctor(t.Context(), o); err != nil || len(report.Findings) < 8 {
			t.Errorf("the doctor says %v (%v)", report, err)
		}
	})
}

// dropped gives the statements that take back what the migrations from one on have made.
func dropped(t *testing.T, from int) []string {
	t.Helper()
	names, err := filepath.Glob("../store/migrations/*.sql")
	if err != nil || len(names) == 0 {
		t.Fatal("the migrations are not where they were: ", err)
	}
	var drops []string
	for _, name := range names {
		if n, _ := strconv.Atoi(filepath.Base(name)[:4]); n < from {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`create table (\w+)`).FindAllStringSubmatch(string(text), -1) {
			drops = append(drops, "drop table "+m[1])
		}
	}
	slices.Reverse(drops)
	return drops
}
