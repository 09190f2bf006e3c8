"""Headings of the columns of platforms' lists, in every known language.

Headings that only one platform has are in its file in `platforms/` (`ListHeadings`).

Each tuple is one column. If a list has several of a tuple's headings, the first of the tuple is meant. Moodle's are
those of its language packs, for every version; case and form of a letter do not matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class ListHeadings:
    """Headings that only the lists of one platform have, in small letters.

    `ids`: the column of ids by which the platform names submissions; `logins`: the column to use if a list has no user
    name, perhaps with a `#` in front; `others`: further names of a person.
    """

    ids: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


LOGIN = (
    *("username", "sis login id", "login_id", "benutzername", "anmeldename", "nom d'utilisateur", "nombre de usuario"),
    *("nome utente", "gebruikersnaam", "사용자 아이디"),
)
"""The name for logging in: on some sites the e-mail address."""
ID = (
    *("id", "identifier", "student_id", "kennung", "bezeichner", "id.-nummer"),
    *("identifiant", "identificador", "identificativo", "identificatie", "identifierare", "tanımlayıcı"),
    *("идентификатор", "식별자", "标识符", "识别码", "識別碼"),
)
"""The platform's own id, by which it names submissions."""
PARTICIPANT = frozenset(
    (
        *("participant", "teilnehmer/in", "teilnehmer", "teilnehmer*in", "teilnehmer:in", "teilnehmende"),
        *("participante", "partecipante", "deelnemer", "deltagare", "katılımcı", "участник"),
        *("참가자", "참여자", "参与人", "参与者", "参加者"),
    )
)
"""The word that Moodle writes before a person's number."""
STUDENT_ID = ("student id",)
"""Blackboard's second id. The user name next to it counts first."""
NUMBER = (
    *("id number", "student number", "id-nummer", "matrikelnummer", "matrikelnr.", "numéro d'identification"),
    *("número de id", "número id", "codice identificativo", "matricola", "nummer (id)", "id nummer", "id numarası"),
    *("número de identificação (id)", "código de identificação", "индивидуальный номер"),
    *("학번", "id 번호", "学号", "學號", "学籍番号", "idナンバー", "idナンバ"),
)
"""The student's number, which is the id of a list that has no other."""
NAME = (
    *("name", "student", "full name", "student name", "user full name", "vollständiger name", "nom complet"),
    *("nom complet de l'utilisateur", "nombre completo", "nombre completo del usuario", "nome completo"),
    *("nome completo dell'utente", "nome completo do utilizador", "volledige naam", "fullständigt namn", "hela namnet"),
    *("tam adı", "полное имя", "полное имя пользователя", "성명", "전체 이름"),
    *("사용자 성명", "姓名", "全名", "用户全名"),
    *("氏名", "フルネーム", "ユーザフルネーム"),
)
FIRST = (
    *("first name", "first_name", "vorname", "prénom", "nombre", "voornaam", "förnamn", "nome", "adı", "имя"),
    *("이름", "名", "nom"),
)
LAST = (
    *("last name", "last_name", "surname", "nachname", "nom de famille", "apellido(s)", "apellidos", "cognome"),
    *("achternaam", "efternamn", "apelido", "cognoms", "soyadı", "фамилия", "성", "姓", "姓氏", "nom"),
)
FAMILY_FIRST = ("성", "姓", "姓氏")
"""Headings of the family name in languages that write it before the given name."""
EMAIL = (
    *("email", "email address", "e-mail", "e-mail-adresse", "mail", "adresse de courriel", "dirección de correo"),
    *("indirizzo email", "e-mailadres", "e-postadress", "endereço de e-mail", "adreça electrònica", "e-posta adresi"),
    *("correu electrònic", "адрес электронной почты", "이메일", "이메일 주소"),
    *("电子邮件地址", "email地址", "メールアドレス"),
)
GROUP = (
    *("group", "group name", "group_name", "groups", "gruppe", "gruppen", "groupe", "groupes", "grupo", "grupos"),
    *("gruppo", "gruppi", "groep", "groepen", "grupp", "grupper", "grup", "grups", "gruplar", "группа", "группы"),
    *("모둠", "그룹", "小组", "群组", "グループ"),
)
GROUPING = (
    *("grouping", "gruppierung", "groupement", "agrupamiento", "agrupamento", "agrupament", "raggruppamento"),
    *("groepering", "gruppindelning", "gruplama", "поток", "모둠무리", "大组", "グルーピング"),
)
"""A column that only Moodle's overview of groups has: it lists a person once for each group and grouping."""
NO_GROUP = frozenset(
    (
        *("no group", "keine gruppe", "aucun groupe", "sin grupo", "sem grupo", "sense grup", "nessun gruppo"),
        *("geen groep", "ingen grupp", "grup yok", "нет групп", "그룹 없음", "没有小组", "グループなし"),
    )
)
"""The cell of a person who is in no group."""
ROLE = ("role",)
STATUS = (*("status", "statut", "estado", "estat", "stato", "durum", "статус", "상태", "状态", "ステータス"),)
"""The status of a hand-in, in Moodle's worksheet."""
_HOW_LONG = r"\d+ ?[^\W\d]+\.?(?: \d+ ?[^\W\d]+\.?)*"
LATE = re.compile(
    rf"'?{_HOW_LONG}'? (?:late|zu spät|verspätet|después|de retraso|in ritardo|te laat|laat|tarde?|atrasado|sent|geç)\b"
    rf"|{_HOW_LONG} (?:늦음|遅く提出|sonrası)|\ben retard de {_HOW_LONG}|迟{_HOW_LONG}|закончился {_HOW_LONG} назад",
    re.IGNORECASE,
)
"""The end of the status of a late hand-in there: `Submitted for grading - 2 days 3 hours late`."""

MAXIMUM = (
    *("Maximum grade", "Bestwertung", "Note maximale", "Calificación máxima", "Valutazione massima", "Nota máxima"),
    *("Maximumcijfer", "Maximaal cijfer", "Qualificació màxima", "Maxbetyg", "Maximalt betyg", "Enyüksek not"),
    *("Максимальная оценка", "최대 성적", "最高分", "最高成绩", "最大評点"),
)
CHANGEABLE = (
    *("Grade can be changed", "Bewertung kann geändert werden", "La note peut être modifiée", "Not değiştirilebilir"),
    *("La calificación puede ser cambiada", "La valutazione può essere modificata", "Betyg kan ändras"),
    *("La valutazione può essere cambiata", "Het cijfer kan gewijzigd worden", "A nota pode ser alterada."),
    *("Es pot canviar la qualificació", "Оценка может быть изменена", "允许更改成绩", "評点変更可"),
)
MODIFIED = (
    *("Last modified (submission)", "Zuletzt geändert (Abgabe)", "Dernière modification (travail remis)"),
    *("Última modificación (entrega)", "Ultima modifica (consegna)", "Laatst gewijzigd (inzending)"),
    *("Última atualização (submissão)", "Última modificação (submissão)", "Última modificação (envio)"),
    *("Darrera modificació (tramesa)", "Senast modifierat (inlämning)", "Son düzenleme (gönderim)"),
    *("Последнее изменение (ответ)", "마지막 수정됨(제출)", "上次修改（作业）"),
    *("最后修改（学生）", "最終更新日時 (提出)"),
)
TIME = ("submitted", "time", "timestamp", "submission time", *MODIFIED)
"""The time of a hand-in."""
WORKSHEET = (*MAXIMUM, *CHANGEABLE, *MODIFIED)
"""Headings that only Moodle's grading worksheet has."""
