"""What looks like a person's name and is none: provinces, bodies, agencies, phrases; and the surnames that most people have."""

from __future__ import annotations

import re

# The 63 provinces of before July 2025, which include the names of the 34 since; and what else stands alone at the end of a text.
_PLACES = """
An Giang, Bà Rịa, Vũng Tàu, Bắc Giang, Bắc Kạn, Bạc Liêu, Bắc Ninh, Bến Tre, Bình Định, Bình Dương, Bình Phước, Bình Thuận, Cà Mau, Cần Thơ,
Cao Bằng, Đà Nẵng, Đắk Lắk, Đắk Nông, Điện Biên, Đồng Nai, Đồng Tháp, Gia Lai, Hà Giang, Hà Nam, Hà Nội, Hà Tĩnh, Hải Dương, Hải Phòng, Hậu
Giang, Hoà Bình, Hòa Bình, Hưng Yên, Khánh Hoà, Khánh Hòa, Kiên Giang, Kon Tum, Lai Châu, Lâm Đồng, Lạng Sơn, Lào Cai, Long An, Nam Định,
Nghệ An, Ninh Bình, Ninh Thuận, Phú Thọ, Phú Yên, Quảng Bình, Quảng Nam, Quảng Ngãi, Quảng Ninh, Quảng Trị, Sóc Trăng, Sơn La, Tây Ninh,
Thái Bình, Thái Nguyên, Thanh Hoá, Thanh Hóa, Thừa Thiên Huế, Tiền Giang, Hồ Chí Minh, Trà Vinh, Tuyên Quang, Vĩnh Long, Vĩnh Phúc, Yên Bái,
Huế, Thăng Long, Sài Gòn, Việt Nam, Trung Quốc, Việt Bắc, Tây Bắc, Tây Nguyên, Nam Bộ, Bắc Bộ, Trung Bộ, Hoàng Sa, Trường Sa, Lào,
Campuchia, Hoa Kỳ, Nhật Bản, Hàn Quốc
"""
PLACES = frozenset(name.strip().casefold() for name in _PLACES.replace("\n", " ").split(","))
# Words, and pairs of words, that begin headings, closing formulas and buttons.
_NO_NAMES = """
xem tải trân mời kính hết nơi xin file tệp link video clip download website email facebook hotline tel fax english toàn_văn chi_tiết
thông_báo thông_tin liên_hệ kết_luận kết_quả ghi_chú lưu_ý danh_sách phụ_lục địa_chỉ điện_thoại hình_ảnh tin_tức tin_liên tin_khác bài_viết
văn_bản tài_liệu mục_lục đáp_án quang_cảnh chúc_mừng cảm_ơn mục_tiêu nội_dung giới_thiệu tổng_kết tổng_quan kế_hoạch quyết_định nghị_quyết
công_văn báo_cáo hướng_dẫn thời_gian địa_điểm thành_phần đối_tượng yêu_cầu độc_lập tự_do hạnh_phúc cộng_hoà cộng_hòa chủ_tịch phó_chủ
giám_đốc phó_giám bí_thư trưởng_ban trưởng_phòng chánh_văn thủ_tướng đại_biểu mặt_trận chuyên_mục từ_khoá từ_khóa bình_luận chia_sẻ gửi_bài
đọc_thêm ý_kiến đã_ký lời_kết mở_đầu phần_một năm_mới lễ_hội hội_nghị hội_thảo đại_hội kỳ_họp read_more see_more last_updated
kinh_tế chính_trị xã_hội văn_hoá văn_hóa giáo_dục pháp_luật thể_thao du_lịch y_tế quốc_phòng an_ninh đời_sống khoa_học công_nghệ môi_trường
nông_nghiệp nông_thôn thời_sự thế_giới trong_nước quốc_tế đối_ngoại sự_kiện hoạt_động tuyên_truyền phổ_biến chuyển_đổi cải_cách xây_dựng
trang_chủ trang_thông tin_mới tin_nóng tin_trong tiêu_điểm chuyên_đề thủ_tục dịch_vụ đầu_tư lao_động việc_làm góc_nhìn bạn_đọc tư_liệu
related_articles happy_new thank_you dear_sir the in on of for
"""
NO_NAMES = frozenset(words.replace("_", " ") for words in _NO_NAMES.split())
# First words of the names of bodies.
BODIES = re.compile(
    r"(?:(?:uỷ|ủy) ban|ubnd|hđnd|hội đồng|ban |sở |bộ |cục |chi cục|tổng cục|vụ |phòng |trung tâm|văn phòng|công an|công ty|tập đoàn|"
    r"ngân hàng|trường (?:đại|cao|trung|tiểu|thpt|thcs|mầm|mẫu|chính)|đại học|học viện|viện |"
    r"bệnh viện|toà án|tòa án|viện kiểm sát|thanh tra|hội |liên đoàn|đoàn (?:thanh|thể|tncs|khối|kinh)|"
    r"đảng |tỉnh |huyện |thành phố|tp\b|thị |xã |phường |quận |báo |đài (?:phát|truyền|pt|tiếng)|tạp chí|cổng |"
    r"quốc hội|chính phủ|mặt trận|mttq|cơ quan|đơn vị|kho bạc|bảo hiểm|hải quan|"
    r"department|ministry|office|university|company)",
    re.IGNORECASE,
)
# News agencies and papers: a source, never a person.
AGENCY = re.compile(
    r"(?:ttxvn|thông tấn xã việt nam|vietnam\s?\+|vietnamplus|vov\d?|vtv\d*|vgp(?: news)?|vna|vtc(?: news)?|vietnamnet|vnexpress|dân trí|"
    r"nhân dân|nhân dân điện tử|tuổi trẻ(?: online)?|thanh niên(?: online)?|lao động|tiền phong|cand|qđnd|quân đội nhân dân|người lao động|"
    r"báo (?!cáo).{2,40}|tạp chí .{2,40}|đài (?:pt|phát|truyền|tiếng).{2,40}|cổng (?:ttđt|thông tin điện tử|tt).{2,60}|"
    r"[\w-]+(?:\.[\w-]+)*\.(?:vn|com|net|org|info|example)(?:/\S*)?)(?:/[\w+. ]{2,20})?",
    re.IGNORECASE,
)
# These stand alone as a source line.
ALONE = re.compile(
    r"(?:TTXVN|VOV\d?|VTV\d*|VGP|VNA|Vietnam\+|(?:Báo|Tạp chí|Cổng TTĐT|Đài PTTH) (?:điện tử )?[A-ZĐÀ-Ỹ][\w ]{1,30})(?:/[\w+.]{2,20})?\.?"
)
_SURNAMES = """
nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh nông hà đàm mạc triệu bế hứa lương lưu lục mông vi tô trịnh đoàn
đào tạ mai cao lâm thái tăng phùng quách nghiêm tống la chu châu kiều thạch danh sầm quan vương tôn ông văn giàng sùng vàng lò cầm quàng hầu
lầu mùa thào cứ cà tòng đồng từ doãn khổng lại lều ninh nhâm phí thân tiêu trương ứng
"""
SURNAMES = frozenset(_SURNAMES.split())
