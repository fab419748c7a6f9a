-- What the secretariat found of an application for one dialogue. fit is a human's mark of how well it fits the topic, 0 to
-- 3, or -1 where nobody has given one; complete tells that a human found nothing missing.
create table admission_review (
  org         text    not null,
  application text    not null,
  dialogue    text    not null,
  fit         integer not null,
  fit_reason  text    not null,
  fit_by      text    not null,
  fit_at      bigint  not null,
  complete    integer not null,
  checked_by  text    not null,
  checked_at  bigint  not null,
  version     integer not null,
  primary key (org, application, dialogue)
);
create index admission_review_dialogue on admission_review (org, dialogue);

-- What the unit writes down for itself about an application. It goes when the application's data go.
create table admission_note (
  org         text   not null,
  id          text   not null,
  application text   not null,
  at          bigint not null,
  author      text   not null,
  text        text   not null,
  primary key (org, id)
);
create index admission_note_of on admission_note (org, application, at);

-- An objection to an application. objector is a State's ISO 3166-1 code or the name of a body; named tells that it agreed
-- to be shown, told that the ground may be told; made is a day. entry is the step of the record; salt and text are what
-- an opaque entry of a further objection commits to.
create table admission_objection (
  org         text    not null,
  id          text    not null,
  application text    not null,
  dialogue    text    not null,
  objector    text    not null,
  named       integer not null,
  ground      text    not null,
  told        integer not null,
  made        text    not null,
  reply_by    text    not null,
  at          bigint  not null,
  actor       text    not null,
  entry       text    not null,
  salt        bytea   not null,
  text        text    not null,
  primary key (org, id)
);
create index admission_objection_of on admission_objection (org, dialogue, application, at);

-- A person, or a delegation of unnamed persons, that is registered for a dialogue. body is the organisation or State;
-- body_key is its name as it is compared. room and remote are minutes of attendance; attended says whether and where;
-- certificate is the number of a certificate that was issued.
create table admission_participant (
  org         text    not null,
  id          text    not null,
  dialogue    text    not null,
  application text    not null,
  kind        text    not null,
  type        text    not null,
  body        text    not null,
  body_key    text    not null,
  country     text    not null,
  name        text    not null,
  function    text    not null,
  email       text    not null,
  email_key   text    not null,
  mode        text    not null,
  listing     text    not null,
  number      integer not null,
  state       text    not null,
  follows     text    not null,
  attended    text    not null,
  room        integer not null,
  remote      integer not null,
  source      text    not null,
  certificate text    not null,
  certified   bigint  not null,
  shown       integer not null,
  created     bigint  not null,
  changed     bigint  not null,
  version     integer not null,
  erased      bigint  not null,
  primary key (org, id)
);
create index admission_participant_dialogue on admission_participant (org, dialogue, body_key);
create index admission_participant_application on admission_participant (org, application);
create index admission_participant_body on admission_participant (org, body_key);
create index admission_participant_email on admission_participant (org, email_key);
create unique index admission_participant_certificate on admission_participant (org, certificate) where certificate <> '';

-- A report of who was in an online meeting. digest is of the file, so that the same one is not taken twice.
create table admission_attendance (
  org      text   not null,
  id       text   not null,
  dialogue text   not null,
  kind     text   not null,
  file     text   not null,
  digest   bytea  not null,
  title    text   not null,
  starts   bigint not null,
  ends     bigint not null,
  taken    bigint not null,
  actor    text   not null,
  applied  bigint not null,
  primary key (org, id)
);
create unique index admission_attendance_file on admission_attendance (org, dialogue, digest);

-- One person in a report. spans are JSON: pairs of seconds since 1970; loose are seconds without a time of day.
-- participant is who it is, and basis how that is known: email, name, officer; empty for nobody yet.
create table admission_presence (
  org         text    not null,
  attendance  text    not null,
  place       integer not null,
  name        text    not null,
  email       text    not null,
  spans       text    not null,
  loose       integer not null,
  joins       integer not null,
  participant text    not null,
  basis       text    not null,
  primary key (org, attendance, place)
);
create index admission_presence_of on admission_presence (org, participant);

-- A figure that somebody else published about a dialogue, to stand beside our own.
create table admission_figure (
  org        text    not null,
  id         text    not null,
  dialogue   text    not null,
  what       text    not null,
  subject    text    not null,
  number     integer not null,
  definition text    not null,
  source     text    not null,
  url        text    not null,
  published  text    not null,
  at         bigint  not null,
  actor      text    not null,
  entry      text    not null,
  withdrawn  bigint  not null,
  primary key (org, id)
);
create index admission_figure_dialogue on admission_figure (org, dialogue, at);

-- A template of a letter. The newest of a letter in a language is used; older ones stay for the letters made with them.
create table admission_template (
  org      text   not null,
  id       text   not null,
  letter   text   not null,
  lang     text   not null,
  name     text   not null,
  body     bytea  not null,
  uploaded bigint not null,
  actor    text   not null,
  primary key (org, id)
);
create index admission_template_of on admission_template (org, letter, lang, uploaded);

-- A letter that was made for somebody. vals are what its fields say, JSON; template is empty for the built-in one; link
-- is the SHA-256 of the personal link by which it is fetched.
create table admission_letter (
  org         text   not null,
  id          text   not null,
  letter      text   not null,
  dialogue    text   not null,
  application text   not null,
  participant text   not null,
  template    text   not null,
  lang        text   not null,
  vals        text   not null,
  link        bytea  not null,
  made        bigint not null,
  primary key (org, id)
);
create index admission_letter_dialogue on admission_letter (org, dialogue, letter);
create index admission_letter_application on admission_letter (org, application);
create index admission_letter_link on admission_letter (org, link);
