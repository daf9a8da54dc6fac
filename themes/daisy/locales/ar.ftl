## اللغات
## What reads from left to right inside of a sentence is between { "\u2066" } and { "\u2069" }.

locale-name = العربية
locale-choose = اللغة

## العناوين والأزرار

title-login = تسجيل الدخول
title-register = إنشاء حساب
action-login = تسجيل الدخول
action-register = إنشاء حساب
title-welcome = مرحبًا
title-logout = تسجيل الخروج
title-with_error = خطأ: { $title }
submit-login = تسجيل الدخول
submit-register = إنشاء الحساب
submit-logout = تسجيل الخروج
submit-other = إرسال

## الحقول

label-this_field = هذا الحقل
label-id = معرّف المستخدم
label-email = البريد الإلكتروني
label-identifier = البريد الإلكتروني أو اسم المستخدم
label-login = البريد الإلكتروني أو اسم المستخدم
label-name = الاسم
label-password = كلمة المرور
label-password_confirm = كلمة المرور مرة أخرى
label-username = اسم المستخدم
hint-new_password = الحد الأدنى لعدد الأحرف: { $min }. من السهل تذكّر بضع كلمات معًا.
hint-optional = اختياري
hint-choose = اختر

## أخطاء الحقول

field-error = خطأ:
field-required = لا يمكن أن يكون «{ $label }» فارغًا
field-required-email = أدخل بريدك الإلكتروني
field-required-name = أدخل اسمك
field-required-password = أدخل كلمة المرور
field-required-password_confirm = أدخل كلمة المرور مرة أخرى
field-required-username = أدخل اسم المستخدم
field-required_hidden = هذا الرابط غير مكتمل. افتحه مرة أخرى أو اطلب رابطًا جديدًا.
field-email = أدخل بريدًا إلكترونيًا مثل { "\u2066" }name@example.com{ "\u2069" }
field-too_short = الحد الأدنى لعدد الأحرف في «{ $label }»: { $min }
field-too_long = الحد الأقصى لعدد الأحرف في «{ $label }»: { $max }
field-mismatch = هذا لا يطابق ما أدخلته من قبل
field-mismatch-password_confirm = كلمتا المرور غير متطابقتين
field-not_text = يجب أن يكون «{ $label }» نصًا
field-pattern = صيغة «{ $label }» غير صحيحة
field-url = أدخل عنوان ويب مثل { "\u2066" }https://example.com{ "\u2069" }
field-tel = أدخل رقم هاتف مثل { "\u2066" }+49 30 123456{ "\u2069" }
field-number = يجب أن يكون «{ $label }» رقمًا
field-too_small = يجب ألا يقل «{ $label }» عن { $min }
field-too_large = يجب ألا يزيد «{ $label }» على { $max }
field-date = أدخل تاريخًا مثل { "\u2066" }2026-01-31{ "\u2069" }
field-too_early = يجب ألا يكون «{ $label }» قبل { $min }
field-too_late = يجب ألا يكون «{ $label }» بعد { $max }
field-choice = «{ $label }»: اختر أحد الخيارات
field-not_yes_or_no = يجب أن يكون «{ $label }» نعم أو لا
field-not_accepted = يجب تحديد هذا المربع للمتابعة: { $label }
field-control = يحتوي «{ $label }» على أحرف لا يمكن استخدامها
field-repeated = أُرسل «{ $label }» أكثر من مرة
field-unknown = لا يوجد هنا حقل «{ $label }»
field-refused = لا يمكن استخدام «{ $label }». اختر غيره
identifier-taken = يوجد حساب بهذا الاسم أو العنوان من قبل
identifier-taken-email = يوجد حساب بهذا البريد الإلكتروني من قبل
password-weak = من السهل تخمين كلمة المرور هذه. اختر كلمة أطول أو ذات كلمات أقل شيوعًا.

## أخطاء النموذج كله

summary-title = هناك مشكلة
credentials-invalid = بيانات الدخول غير صحيحة. تحقق منها وحاول مرة أخرى.
rate_limited = كان عدد المحاولات كبيرًا جدًا.
csrf-expired = لم يُظهر متصفحك أن هذا النموذج جاء من هذا الموقع، لذلك لم يُرسل شيء. يُرجى إرساله مرة أخرى من هنا.
form-done = تمّ.
input-conflict = غيّر شخص آخر هذا أو حجزه في هذه الأثناء. أعد تحميل الصفحة لترى الوضع الحالي.
page-not_there = لا يمكن عرض جزء من هذه الصفحة الآن.
input-refused = لم يُقبل ما أدخلته. تحقق منه وحاول مرة أخرى.
session-too_large = تعذّر تسجيل دخولك لأن بيانات حسابك أكبر من المساحة المتاحة. يُرجى إبلاغ القائمين على هذا الموقع.
backend-unreachable = لا يمكن الوصول إلى الخدمة التي تقف خلف هذه الصفحة الآن. ليس هذا خطأك؛ يُرجى المحاولة بعد قليل.
backend-timeout = تأخرت الخدمة التي تقف خلف هذه الصفحة في الرد. يُرجى المحاولة بعد قليل.
backend-error = حدثت مشكلة في الخدمة التي تقف خلف هذه الصفحة. يُرجى المحاولة بعد قليل.
backend-protocol = أرسلت الخدمة التي تقف خلف هذه الصفحة ردًا تعذرت قراءته. يُرجى المحاولة لاحقًا.
unknown = لم ينجح ذلك. يُرجى المحاولة مرة أخرى. ({ $code })

## تنبيهات

session-not_kept = سجّلت دخولك، لكن متصفحك عاد من دون الجلسة. اسمح بملفات تعريف الارتباط لهذا الموقع وحاول مرة أخرى؛ وإذا تكرر ذلك فأبلغ القائمين عليه.
session-expired = سُجّل خروجك لأن جلستك انتهت. سجّل الدخول للمتابعة.
session-signed_out = لم تسجّل الدخول.
session-logged_out = لقد سجّلت الخروج.
account-registered = حسابك جاهز. يمكنك تسجيل الدخول الآن.
account-verify_mail = انظر في صندوق بريدك: أرسلنا إليك رابطًا لتأكيد عنوانك.

## الانتظار

retry-line = يمكنك المحاولة مرة أخرى { $when }.
retry-seconds = { $seconds ->
    [zero] الآن
    [one] بعد ثانية واحدة
    [two] بعد ثانيتين
    [few] بعد { $seconds } ثوانٍ
    [many] بعد { $seconds } ثانية
   *[other] بعد { $seconds } ثانية
}
retry-minutes = { $minutes ->
    [zero] الآن
    [one] بعد دقيقة واحدة
    [two] بعد دقيقتين
    [few] بعد { $minutes } دقائق
    [many] بعد { $minutes } دقيقة
   *[other] بعد { $minutes } دقيقة
}
duration-seconds = { $count ->
    [zero] أقل من ثانية
    [one] ثانية واحدة
    [two] ثانيتين
    [few] { $count } ثوانٍ
    [many] { $count } ثانية
   *[other] { $count } ثانية
}
duration-minutes = { $count ->
    [zero] أقل من دقيقة
    [one] دقيقة واحدة
    [two] دقيقتين
    [few] { $count } دقائق
    [many] { $count } دقيقة
   *[other] { $count } دقيقة
}
duration-hours = { $count ->
    [zero] أقل من ساعة
    [one] ساعة واحدة
    [two] ساعتين
    [few] { $count } ساعات
    [many] { $count } ساعة
   *[other] { $count } ساعة
}
duration-days = { $count ->
    [zero] أقل من يوم
    [one] يوم واحد
    [two] يومين
    [few] { $count } أيام
    [many] { $count } يومًا
   *[other] { $count } يوم
}

## الصفحات

nav-label = الصفحات
login-no_account = هل أنت جديد هنا؟
login-forgot = هل نسيت كلمة المرور؟
login-next = سجّل الدخول، وستنتقل إلى الصفحة التي طلبتها.
register-have_account = هل لديك حساب؟
welcome-hello = مرحبًا
welcome-hello_name = مرحبًا، { $name }
welcome-signed_in = لقد سجّلت الدخول.
welcome-account = حسابك
welcome-session = جلستك
session-renews = صالحة لمدة { $time }. تتجدد من تلقاء نفسها ما دمت تستخدم الموقع.
session-ends = صالحة لمدة { $time }. سجّل الدخول مرة أخرى بعد ذلك.
session-renews_unknown = تبقى مفتوحة ما دمت تستخدم الموقع.
session-unknown = تبقى مفتوحة إلى أن تنهيها الخدمة.
session-refresh = تحقق مرة أخرى
sessions-this = هذا هو المتصفح الذي تستخدمه الآن.
sessions-unknown = متصفح أو تطبيق غير معروف
sessions-since = تسجيل الدخول
sessions-used = آخر استخدام
sessions-from = من
sessions-end = إنهاء هذه الجلسة
sessions-none = لا توجد جلسات لعرضها.
logout-question = هل تريد تسجيل الخروج؟
logout-stay = البقاء مسجّلًا
error-home = الانتقال إلى الصفحة الرئيسية
error-retry = المحاولة مرة أخرى
error-request = إذا طلبت المساعدة فاذكر هذا الرقم:

error-400-title = لم يُفهم هذا الطلب
error-400-detail = قد يكون العنوان أو النموذج تالفًا. ارجع وحاول مرة أخرى.
error-401-title = يُرجى تسجيل الدخول
error-401-detail = هذه الصفحة لمن سجّل الدخول فقط.
error-403-title = هذا غير مسموح
error-403-detail = لا يُسمح لك برؤية هذه الصفحة أو بفعل ما حاولت فعله.
error-404-title = الصفحة غير موجودة
error-404-detail = لا يوجد شيء في هذا العنوان. تحقق من كتابته.
error-405-title = لا يمكن فعل ذلك هنا
error-405-detail = الصفحة موجودة، لكنها لا تقبل هذا النوع من الطلبات.
error-408-title = استغرق الوصول وقتًا طويلًا
error-408-detail = توقف ما أرسلته في الطريق، فلم نعد ننتظر بقيته. يُرجى إرساله مرة أخرى.
error-413-title = كان ذلك كبيرًا جدًا
error-413-detail = ما أرسلته أكبر مما تقبله هذه الصفحة.
error-415-title = هذه الصيغة غير مقبولة
error-415-detail = ما أرسلته بصيغة لا تقبلها هذه الصفحة.
error-422-title = لا يمكن قبول ذلك
error-422-detail = هناك خطأ في ما أرسلته. ارجع وتحقق منه.
error-429-title = طلبات كثيرة جدًا
error-429-detail = يُرجى الانتظار قليلًا قبل المتابعة.
error-500-title = حدث خطأ ما
error-500-detail = الخطأ من جانبنا. يُرجى المحاولة بعد قليل.
error-502-title = حدثت مشكلة في الخدمة
error-502-detail = أرسلت ردًا لا يمكننا استخدامه. يُرجى المحاولة بعد قليل.
error-503-title = الخدمة غير متاحة
error-503-detail = لا يمكن الوصول إليها الآن. إذا كنت قد سجّلت الدخول فما زلت كذلك؛ يُرجى المحاولة بعد قليل.
error-504-title = تأخرت الخدمة
error-504-detail = لم تردّ في الوقت المناسب. يُرجى المحاولة بعد قليل.

## أخطاء تطبيق خلف الباب

error-upstream-unreachable-title = لا يمكن الوصول إلى التطبيق
error-upstream-unreachable-detail = ربما يبدأ التشغيل أو هو متوقف. إذا كنت قد سجّلت الدخول فما زلت كذلك؛ يُرجى المحاولة بعد قليل.
error-upstream-timeout-title = تأخر التطبيق
error-upstream-timeout-detail = لم يردّ في الوقت المناسب. إذا أرسلت شيئًا فتحقق من وصوله قبل إرساله مرة أخرى.
error-upstream-error-title = حدثت مشكلة في التطبيق
error-upstream-error-detail = انقطع أو أرسل ردًا لا يمكننا استخدامه. إذا أرسلت شيئًا فتحقق من وصوله قبل إرساله مرة أخرى.
error-upstream-loop-title = لا يمكن العثور على التطبيق
error-upstream-loop-detail = الطريق إليه يعود إلى حيث بدأ. يُرجى إبلاغ القائمين على هذا الموقع.

## الرسائل

mail-hello = مرحبًا،
mail-hello_name = مرحبًا { $name }،
mail-link-life = يعمل الرابط مرة واحدة، لمدة { $time }.
mail-link-copy = إذا لم يعمل الزر فافتح هذا العنوان:
mail-reset-subject = تعيين كلمة مرور جديدة في { $site }
mail-reset-text = طلب شخص ما، نرجو أن يكون أنت، تعيين كلمة مرور جديدة لحسابك في { $site }. افتح هذا الرابط لاختيارها:
mail-reset-button = اختيار كلمة مرور جديدة
mail-reset-not_you = إذا لم تكن أنت فلا تفعل شيئًا: تبقى كلمة مرورك كما هي.
mail-verify-subject = تأكيد بريدك الإلكتروني في { $site }
mail-verify-text = أُدخل هذا العنوان في { $site }. افتح هذا الرابط لتأكيد أنه لك:
mail-verify-button = تأكيد العنوان
mail-verify-not_you = إذا كنت لا تعرف سبب وصول هذه الرسالة إليك فلا تفعل شيئًا.

## ما تقوله الخدمة المدمجة

said-incorrect-email-or-password = البريد الإلكتروني أو كلمة المرور غير صحيحة
said-email-already-registered = يوجد حساب بهذا البريد الإلكتروني من قبل
said-the-e-mail-address-is-not-verified-yet-open-the-link-in-the-mail-that-was-sent-to-it = لم يُؤكَّد البريد الإلكتروني بعد؛ افتح الرابط في الرسالة التي أُرسلت إليه
said-this-is-not-your-password = هذه ليست كلمة مرورك.
said-the-current-password-is-needed-to-change-the-e-mail = تغيير البريد الإلكتروني يحتاج إلى كلمة المرور الحالية.
said-the-password-must-have-at-least-8-characters = يجب أن تتكون كلمة المرور من 8 أحرف على الأقل.
said-the-password-may-have-at-most-1024-bytes = يجب ألا تزيد كلمة المرور على 1024 بايت.
said-this-password-is-one-of-the-most-common-ones = كلمة المرور هذه من أكثر الكلمات شيوعًا.
said-the-password-must-not-be-the-e-mail-address = لا يمكن أن تكون كلمة المرور هي البريد الإلكتروني.
said-this-link-is-not-complete-or-not-one-of-ours = هذا الرابط غير كامل أو ليس من روابطنا
said-this-link-is-too-old-or-there-is-a-newer-one = هذا الرابط قديم جدًا أو يوجد أحدث منه
said-this-link-was-used-already = استُخدم هذا الرابط من قبل
said-this-site-sends-no-mails-its-operator-has-to-set-up-mail = لا يرسل هذا الموقع رسائل؛ على القائمين عليه إعداد { "\u2066" }[mail]{ "\u2069" }
said-there-is-no-such-session = لا توجد جلسة كهذه
said-too-many-attempts = محاولات كثيرة جدًا
said-this-field-is-required = لا يمكن أن يكون هذا الحقل فارغًا.
said-this-field-must-be-a-text = يجب أن يكون هذا الحقل نصًا.
said-this-is-not-a-valid-e-mail-address = هذا البريد الإلكتروني غير صالح.
said-the-name-may-have-at-most-200-characters = يجب ألا يزيد الاسم على 200 حرف.

## أسفل كل صفحة، حيث تُضبط الخيارات التي تحمل هذه الأسماء

nav-home = الرئيسية
link-privacy = الخصوصية
link-terms = شروط الاستخدام
link-imprint = بيانات الناشر
link-support = الدعم
