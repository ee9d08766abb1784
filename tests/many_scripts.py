"""A sentence in each of many scripts: "Every morning the baker gets up early, so that there is bread."

What a tokenizer and an encoder must carry; whether each sentence is beautiful does not matter.
"""

from __future__ import annotations

SENTENCES = {
    "Latin": "Every morning the baker gets up early, so that there is bread.",
    "Latin, Vietnamese": "Mỗi sáng người thợ làm bánh dậy sớm để có bánh mì.",
    "Latin, Polish": "Każdego ranka piekarz wstaje wcześnie, żeby był chleb.",
    "Latin, Turkish": "Fırıncı her sabah ekmek olsun diye erken kalkar.",
    "Cyrillic": "Каждое утро пекарь встаёт рано, чтобы был хлеб.",
    "Greek": "Κάθε πρωί ο φούρναρης ξυπνάει νωρίς για να υπάρχει ψωμί.",
    "Armenian": "Ամեն առավոտ հացթուխը վաղ է արթնանում, որպեսզի հաց լինի։",
    "Georgian": "ყოველ დილით მცხობელი ადრე დგება, რომ პური იყოს.",
    "Hebrew": "בכל בוקר האופה קם מוקדם כדי שיהיה לחם.",
    "Arabic": "كل صباح يستيقظ الخباز مبكرا لكي يكون هناك خبز.",
    "Arabic, vocalised": "كُلَّ صَبَاحٍ يَسْتَيْقِظُ الْخَبَّازُ مُبَكِّرًا",
    "Devanagari": "हर सुबह बेकर जल्दी उठता है ताकि रोटी मिल सके।",
    "Bengali": "প্রতিদিন সকালে রুটিওয়ালা তাড়াতাড়ি ওঠেন যাতে রুটি থাকে।",
    "Gurmukhi": "ਹਰ ਸਵੇਰ ਬੇਕਰ ਜਲਦੀ ਉੱਠਦਾ ਹੈ ਤਾਂ ਜੋ ਰੋਟੀ ਹੋਵੇ।",
    "Gujarati": "દરરોજ સવારે બેકર વહેલો ઊઠે છે જેથી રોટલી હોય.",
    "Odia": "ପ୍ରତିଦିନ ସକାଳେ ରୁଟିବାଲା ଶୀଘ୍ର ଉଠେ।",
    "Tamil": "ஒவ்வொரு காலையும் ரொட்டி சுடுபவர் சீக்கிரம் எழுகிறார்.",
    "Telugu": "ప్రతి ఉదయం రొట్టె చేసేవాడు త్వరగా లేస్తాడు.",
    "Kannada": "ಪ್ರತಿದಿನ ಬೆಳಿಗ್ಗೆ ಬೇಕರ್ ಬೇಗ ಎದ್ದೇಳುತ್ತಾನೆ.",
    "Malayalam": "എല്ലാ ദിവസവും രാവിലെ ബേക്കർ നേരത്തെ എഴുന്നേൽക്കുന്നു.",
    "Sinhala": "සෑම උදෑසනකම බේකර් කලින් නැගිටියි.",
    "Thai": "ทุกเช้าคนทำขนมปังตื่นแต่เช้าเพื่อให้มีขนมปัง",
    "Lao": "ທຸກໆເຊົ້າຄົນເຮັດເຂົ້າຈີ່ຕື່ນແຕ່ເຊົ້າ",
    "Khmer": "រៀងរាល់ព្រឹកអ្នកដុតនំប៉័ងក្រោកពីព្រលឹម។",
    "Burmese": "မနက်တိုင်း မုန့်ဖုတ်သမားက စောစောထတယ်။",
    "Han, simplified": "每天早上面包师很早起床，这样才有面包。",
    "Han, traditional": "每天早上麵包師很早起床，這樣才有麵包。",
    "Japanese": "パン屋さんは毎朝早く起きてパンを焼きます。",
    "Hangul": "빵집 주인은 매일 아침 일찍 일어나 빵을 굽는다.",
    "Ethiopic": "በየቀኑ ጠዋት ዳቦ ጋጋሪው ቀደም ብሎ ይነሳል።",
}
